/** Service accounts and their trust policies. */
import { z } from 'zod'
import { accessLevels, accountMethods } from '../../../accounts/model.ts'
import { kept, listQuery, slug, text } from './parts.ts'

const tokenTtl = z.int().min(60).max(3600).meta({ description: 'Seconds an access token lives' })

/** The name that RFC 9449 §5.2 gives it. */
const dpopBound = z.boolean().meta({
  description:
    'Access tokens only for a key whose possession is proven (DPoP, RFC 9449); an API key then gets tokens and nothing else',
})

/** Up to 1,024 bytes of UTF-8, compared exactly; what no token could bear is refused, so that it is not waited for. */
const subject = z
  .string()
  .min(1)
  .refine((value) => value.isWellFormed() && Buffer.byteLength(value) <= 1024, 'must be at most 1,024 bytes of UTF-8')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  .refine((value) => !/[\u0000-\u001f\u007f-\u009f]/.test(value), 'must not hold control characters')
const match = z.literal('exact')
/** Drafts and conditions are not in this version: better refused than kept and not looked at. */
const state = z.literal('live')
const conditions = z.array(z.never('conditions are not in this version yet')).optional()
export const trustPolicy = z
  .object({
    ...kept,
    service_account: z.string(),
    issuer: z.string(),
    issuer_id: z.string(),
    subject: z.string(),
    match,
    state,
  })
  .meta({ id: 'TrustPolicy' })
export const newTrustPolicy = z.strictObject({
  name: slug.optional(),
  issuer: text(128),
  subject,
  match: match.default('exact'),
  state: state.default('live'),
  conditions,
})
export const trustPolicyPatch = z.strictObject({ name: slug, issuer: text(128), subject, match, state }).partial()

const description = z
  .string()
  .max(1000)
  .refine((value) => value.isWellFormed(), 'must be well-formed Unicode')
const accountFields = {
  access: z.enum(accessLevels).default('write'),
  admin: z.boolean().default(false),
  token_ttl: tokenTtl.default(900),
  dpop_bound_access_tokens: dpopBound.default(false),
  description: description.nullish(),
}
export const serviceAccount = z
  .object({
    ...kept,
    scope: z.enum(['organization', 'team']),
    team: z.string().nullable(),
    default_team: z.string().nullable(),
    method: z.enum(accountMethods),
    access: z.enum(accessLevels),
    admin: z.boolean(),
    token_ttl: tokenTtl,
    dpop_bound_access_tokens: dpopBound,
    description: z.string().nullable(),
    enabled: z.boolean(),
  })
  .meta({ id: 'ServiceAccount' })
export const createdAccount = serviceAccount.extend({ api_key: z.string().optional(), trust: trustPolicy.optional() })
export const newOrgAccount = z.strictObject({
  name: slug,
  default_team: text(128),
  method: z.literal('api_key').optional(),
  ...accountFields,
})
export const newTeamAccount = z.discriminatedUnion('method', [
  z.strictObject({ name: slug, method: z.literal('api_key'), ...accountFields }),
  z.strictObject({ name: slug, method: z.literal('federated'), trust: newTrustPolicy.optional(), ...accountFields }),
])
export const accountPatch = z
  .strictObject({
    name: slug,
    description: description.nullable(),
    access: z.enum(accessLevels),
    token_ttl: tokenTtl,
    dpop_bound_access_tokens: dpopBound,
    enabled: z.boolean(),
    default_team: text(128),
  })
  .partial()
export const accountQuery = listQuery.extend({
  scope: z.enum(['organization', 'team']).optional(),
  team: text(128).optional(),
  method: z.enum(accountMethods).optional(),
  q: text(64).optional(),
})
