/** What all bodies and objects share. */
import { z } from 'zod'
import { isId, slugForm } from '../../../../protocol/ids.ts'
import { holdsSecret } from '../../../../protocol/secret-text.ts'
import { orgRoles } from '../../../accounts/model.ts'
import { severities } from '../../../trust/finding.ts'

export const slug = z
  .string()
  .regex(slugForm, 'must be 1 to 64 of a-z, 0-9, - and _, starting with a letter or digit')
  .refine((name) => !isId(name), 'must not have the form of an id, which a path takes too')
  .refine((name) => !holdsSecret(name), 'must not have the form of an API key, which the audit trail would not keep')
  .meta({ description: 'A slug, unique in its parent', example: 'ml-platform' })
export const text = (most: number, least = 1) =>
  z
    .string()
    .min(least)
    .max(most)
    .refine((value) => value.isWellFormed(), 'must be well-formed Unicode')
export const time = z.iso.datetime({ offset: true }).meta({ description: 'RFC 3339' })
export const role = z.enum(orgRoles)
export const managedBy = z.string().nullable().meta({ description: 'The file that it is kept in, if it is' })
export const kept = { id: z.string(), name: z.string(), created_at: time, updated_at: time }

export const listQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(200).optional(),
})
/** Of lists that are looked through. */
export const searchQuery = listQuery.extend({
  q: text(254)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
    .refine((value) => !/[\u0000-\u001f\u007f-\u009f]/.test(value), 'must not hold control characters')
    .optional()
    .meta({ description: 'A part of the name (of a user also of the e-mail address), in whatever case' }),
})
/** Of deeds on what may be kept in a file. */
export const forceQuery = z.strictObject({
  force: z.enum(['true', 'false']).optional().meta({ description: 'Also what is kept in a file (managed_by)' }),
})
export const listOf = (item: z.ZodType) => z.object({ items: z.array(item), next_cursor: z.string().nullable() })
export const revoked = z.object({ revoked_before: time })

/** For deeds that need nothing said. */
export const empty = z.strictObject({})

/** Lint. */
export const finding = z
  .object({
    severity: z.enum(severities),
    rule: z.string().meta({ example: 'LR16' }),
    message: z.string(),
    better: z.record(z.string(), z.unknown()).optional().meta({
      description: 'Members that would mend it, as they are sent; in <angle brackets> what only you know',
    }),
  })
  .meta({ id: 'Finding' })
export const findings = z.array(finding)
export const overrideReason = text(500, 10).meta({
  description: 'Why it is right although lint has an error against it; kept in the audit trail',
})
