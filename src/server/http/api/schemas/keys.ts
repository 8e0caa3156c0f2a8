/** API keys, and the resource servers that have some. */
import { z } from 'zod'
import { kept, managedBy, slug, time } from './parts.ts'

export const apiKey = z
  .object({
    ...kept,
    owner: z.object({ type: z.string(), id: z.string() }),
    hint: z.string(),
    expires_at: time.nullable(),
    last_used_at: time.nullable(),
    replaced_by: z.string().nullable().meta({ description: 'The key that it was rotated to' }),
  })
  .meta({ id: 'ApiKey' })
export const createdKey = apiKey.extend({ secret: z.string() })
export const newKey = z.strictObject({ name: slug.optional(), expires_at: time.nullish() })
export const keyPatch = z.strictObject({ name: slug.optional() })
export const rotateKey = z.strictObject({ overlap_seconds: z.int().min(0).max(2_592_000).default(0) })

export const resourceServer = z
  .object({ ...kept, audience: z.string(), managed_by: managedBy })
  .meta({ id: 'ResourceServer' })
const audience = z
  .url()
  .max(512)
  .refine((value) => !value.includes('#'), 'must not have a fragment (RFC 8707 §2)')
export const newResourceServer = z.strictObject({ name: slug, audience })
export const resourceServerPatch = z.strictObject({ name: slug.optional() })
export const createdResourceServer = resourceServer.extend({ api_key: z.string() })
