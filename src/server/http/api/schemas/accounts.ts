/** Service accounts and their trust policies. */
import { z } from 'zod'
import { accessLevels, accountMethods } from '../../../accounts/model.ts'
import { mostConditions } from '../../../trust/compile.ts'
import { matchKinds, policyStates } from '../../../trust/policy.ts'
import { findings, kept, managedBy, overrideReason, searchQuery, slug, text, time } from './parts.ts'

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
/** What a policy asks of the token. */
const value = z.union([text(1024), z.number(), z.boolean()])
const claim = text(256).meta({
  description: 'A claim by its name, or by a JSON pointer (RFC 6901) when it begins with /',
  example: 'repository_id',
})
const condition = z
  .discriminatedUnion('op', [
    z.strictObject({ claim, op: z.literal('equals'), value }),
    z.strictObject({ claim, op: z.literal('in'), value: z.array(value).min(1).max(100) }),
    z.strictObject({ claim, op: z.literal('glob'), value: text(1024) }),
    z.strictObject({ claim, op: z.literal('exists'), value: z.boolean().default(true) }),
  ])
  .meta({
    id: 'Condition',
    description:
      'One test on one claim; kinds are never coerced, and a claim that is a list passes when any member does',
  })
const policyFields = {
  subject,
  match: z.enum(matchKinds).meta({ description: 'exact, or glob: * is any run of characters, ? is one' }),
  conditions: z.array(condition).max(mostConditions),
  cel: text(1024).nullable().meta({
    description: 'A CEL expression over claims, header and now; it has to be true',
    example: "claims.ref.startsWith('refs/heads/release/')",
  }),
  state: z.enum(policyStates).meta({ description: 'A draft is judged and recorded, and never grants' }),
}
export const trustPolicy = z
  .object({
    ...kept,
    service_account: z.string(),
    issuer: z.string(),
    issuer_id: z.string(),
    ...policyFields,
    managed_by: managedBy,
    findings: findings.optional().meta({ description: 'Of one, not in lists' }),
  })
  .meta({ id: 'TrustPolicy' })
export const newTrustPolicy = z.strictObject({
  name: slug.optional(),
  issuer: text(128),
  subject,
  match: policyFields.match.default('exact'),
  conditions: policyFields.conditions.default([]),
  cel: policyFields.cel.default(null),
  state: policyFields.state.default('live'),
  override_reason: overrideReason.optional(),
})
/** A member that is null goes back to what it is by itself (RFC 7396 §1). */
export const trustPolicyPatch = z
  .strictObject({
    name: slug,
    issuer: text(128),
    ...policyFields,
    conditions: policyFields.conditions.nullable().transform((list) => list ?? []),
    override_reason: overrideReason,
  })
  .partial()

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
    managed_by: managedBy,
    last_used_at: time.nullable().meta({
      description: 'When it was used last, by a key of it or by an exchange that was granted, to the hour; null: never',
    }),
    keys: z
      .object({
        active: z.int(),
        next_expiry: time.nullable().meta({ description: 'When the first of them ends by itself' }),
        never_expire: z.int(),
      })
      .nullable()
      .meta({ description: 'Its API keys that are not dead; null for an External account, which has none' }),
    findings: findings.optional().meta({ description: 'Of the trust policies of an External account; not in lists' }),
  })
  .meta({ id: 'ServiceAccount' })
export const createdAccount = serviceAccount.extend({
  api_key: z.string().optional(),
  trust: trustPolicy.optional(),
})
export const newOrgAccount = z.strictObject({
  name: slug,
  default_team: text(128),
  method: z.literal('api_key').optional(),
  ...accountFields,
})
export const newTeamAccount = z.discriminatedUnion('method', [
  z.strictObject({ name: slug, method: z.literal('api_key'), ...accountFields }),
  z.strictObject({
    name: slug,
    method: z.literal('federated'),
    trust: newTrustPolicy.optional(),
    override_reason: overrideReason.optional(),
    ...accountFields,
  }),
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
    override_reason: overrideReason,
  })
  .partial()
/** Of the accounts of one team. */
export const teamAccountQuery = searchQuery.extend({ method: z.enum(accountMethods).optional() })
export const accountQuery = teamAccountQuery.extend({
  scope: z.enum(['organization', 'team']).optional(),
  team: text(128).optional(),
})
