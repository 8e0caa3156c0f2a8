/** The admin API's bodies and objects. One schema validates, and the same one is in openapi.json. */
import { z } from 'zod'
import { isId, slugForm } from '../../../protocol/ids.ts'
import { subjectAlgorithms } from '../../../protocol/oauth.ts'
import {
  accessLevels,
  accountMethods,
  orgRoles,
  principalTypes,
  projectRoles,
  visibilities,
} from '../../accounts/model.ts'
import { longestAudience, longestIssuer } from '../../issuers/model.ts'

export const slug = z
  .string()
  .regex(slugForm, 'must be 1 to 64 of a-z, 0-9, - and _, starting with a letter or digit')
  .refine((name) => !isId(name), 'must not have the form of an id, which a path takes too')
  .meta({ description: 'A slug, unique in its parent', example: 'ml-platform' })
const text = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .refine((value) => value.isWellFormed(), 'must be well-formed Unicode')
const time = z.iso.datetime({ offset: true }).meta({ description: 'RFC 3339' })
const role = z.enum(orgRoles)
const presets = [
  'github',
  'gitlab',
  'circleci',
  'buildkite',
  'bitbucket',
  'hcp-terraform',
  'vercel',
  'fly',
  'kubernetes',
  'gcp',
  'entra',
  'aws',
  'spiffe',
  'custom',
] as const
const tokenTtl = z.int().min(60).max(3600).meta({ description: 'Seconds an access token lives' })
const kept = { id: z.string(), name: z.string(), created_at: time, updated_at: time }

export const listQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(200).optional(),
})
export const listOf = (item: z.ZodType) => z.object({ items: z.array(item), next_cursor: z.string().nullable() })
export const revoked = z.object({ revoked_before: time })

export const organization = z.object({ ...kept, display_name: z.string().nullable() }).meta({ id: 'Organization' })
export const newOrganization = z.strictObject({
  name: slug,
  display_name: text(200).nullish(),
  first_admin: z.strictObject({ username: slug, email: z.email().max(254) }).optional(),
})
export const createdOrganization = organization.extend({ api_key: z.string().optional() })
export const organizationPatch = z.strictObject({ display_name: text(200).nullable().optional() })

export const user = z.object({ ...kept, username: z.string(), email: z.string(), role }).meta({ id: 'User' })
export const newUser = z.strictObject({ username: slug, email: z.email().max(254), role: role.default('member') })
export const userPatch = z.strictObject({
  username: slug.optional(),
  email: z.email().max(254).optional(),
  role: role.optional(),
})

export const team = z.object({ ...kept, display_name: z.string().nullable() }).meta({ id: 'Team' })
export const newTeam = z.strictObject({ name: slug, display_name: text(200).nullish() })
export const teamPatch = z.strictObject({ name: slug.optional(), display_name: text(200).nullable().optional() })

export const member = z
  .object({
    user: z.object({ id: z.string(), username: z.string(), email: z.string() }),
    role,
    created_at: time,
    updated_at: time,
  })
  .meta({ id: 'TeamMember' })
export const memberRole = z.strictObject({ role })

const visibility = z.enum(visibilities)
export const project = z
  .object({
    ...kept,
    team: z.string(),
    visibility,
    deleted_at: time.optional().meta({ description: 'Since when only the name is left of a restricted project' }),
  })
  .meta({ id: 'Project' })
export const newProject = z.strictObject({ name: slug, visibility })
export const projectPatch = z.strictObject({ name: slug, visibility }).partial()
export const projectQuery = listQuery.extend({
  deleted: z.literal('true').optional().meta({ description: 'The kept names of restricted projects instead' }),
})
const projectRole = z.enum(projectRoles)
export const projectMember = z
  .object({
    principal: z.object({
      type: z.enum(principalTypes),
      id: z.string(),
      name: z.string(),
      email: z.string().optional(),
    }),
    role: projectRole,
    created_at: time,
    updated_at: time,
  })
  .meta({ id: 'ProjectMember' })
export const projectMemberRole = z.strictObject({ role: projectRole })

const jwks = z.object({ keys: z.array(z.record(z.string(), z.unknown())).min(1).max(100) })
const issuerFields = {
  audiences: z.array(text(longestAudience)).min(1).max(32),
  clock_tolerance: z.int().min(0).max(300),
  max_token_age: z.int().min(60).max(31_536_000),
  algorithms: z.array(z.enum(subjectAlgorithms)).min(1),
  single_use: z.boolean(),
  single_use_grace: z.int().min(0).max(60),
  bound_lifetime: z.boolean(),
  extra_audiences: z.boolean(),
  users: z.boolean(),
  user_claim: z.enum(['sub', 'email']),
  enabled: z.boolean(),
}
const issuerDefaults = {
  algorithms: [...subjectAlgorithms],
  clock_tolerance: 60,
  max_token_age: 86_400,
  single_use_grace: 0,
  user_claim: 'sub' as const,
}
const keySource = { jwks_uri: text(2048).nullish(), jwks: jwks.nullish() }
const oneSource = (body: { jwks_uri?: unknown; jwks?: unknown }) => !(body.jwks_uri && body.jwks)
const twoSources = { message: 'give jwks_uri or jwks, not both', path: ['jwks'] }
const preset = z.enum(presets).nullish()
export const health = z
  .object({
    state: z.enum(['unknown', 'ok', 'stale', 'failing']),
    last_success: time.optional(),
    last_attempt: time.optional(),
    message: z.string().optional(),
    keys: z.array(z.object({ kid: z.string().nullable(), kty: z.string(), alg: z.string() })),
  })
  .meta({ id: 'IssuerHealth' })
export const issuer = z
  .object({
    ...kept,
    issuer: z.string(),
    ...issuerFields,
    jwks_uri: z.string().nullable(),
    jwks: z.record(z.string(), z.unknown()).nullable(),
    preset: z.string().nullable(),
    health,
  })
  .meta({ id: 'Issuer' })
export const newIssuer = z
  .strictObject({
    name: slug,
    issuer: text(longestIssuer),
    ...keySource,
    audiences: issuerFields.audiences.optional(),
    algorithms: issuerFields.algorithms.default(issuerDefaults.algorithms),
    clock_tolerance: issuerFields.clock_tolerance.default(issuerDefaults.clock_tolerance),
    max_token_age: issuerFields.max_token_age.default(issuerDefaults.max_token_age),
    single_use: issuerFields.single_use.default(false),
    single_use_grace: issuerFields.single_use_grace.default(issuerDefaults.single_use_grace),
    bound_lifetime: issuerFields.bound_lifetime.default(false),
    extra_audiences: issuerFields.extra_audiences.default(false),
    users: issuerFields.users.default(false),
    user_claim: issuerFields.user_claim.default(issuerDefaults.user_claim),
    enabled: issuerFields.enabled.default(true),
    preset,
  })
  .refine(oneSource, twoSources)
/** A member that is null goes back to what it is by itself (RFC 7396 §1). */
const orDefault = <T extends z.ZodType>(field: T, byItself: z.output<T>) =>
  field.nullable().transform((value): z.output<T> => value ?? byItself)
export const issuerPatch = z
  .strictObject({
    name: slug,
    audiences: issuerFields.audiences.nullable(),
    algorithms: orDefault(issuerFields.algorithms, issuerDefaults.algorithms),
    clock_tolerance: orDefault(issuerFields.clock_tolerance, issuerDefaults.clock_tolerance),
    max_token_age: orDefault(issuerFields.max_token_age, issuerDefaults.max_token_age),
    single_use: orDefault(issuerFields.single_use, false),
    single_use_grace: orDefault(issuerFields.single_use_grace, issuerDefaults.single_use_grace),
    bound_lifetime: orDefault(issuerFields.bound_lifetime, false),
    extra_audiences: orDefault(issuerFields.extra_audiences, false),
    users: orDefault(issuerFields.users, false),
    user_claim: orDefault(issuerFields.user_claim, issuerDefaults.user_claim),
    enabled: orDefault(issuerFields.enabled, true),
    ...keySource,
    preset,
  })
  .partial()
  .refine(oneSource, twoSources)
export const verifyQuery = z.strictObject({ verify: z.enum(['require']).optional() })
export const check = z
  .object({
    ok: z.boolean(),
    steps: z.array(
      z.object({
        step: z.enum(['discovery', 'issuer', 'jwks', 'keys']),
        ok: z.boolean(),
        message: z.string(),
        milliseconds: z.number(),
      }),
    ),
    keys: z.array(z.record(z.string(), z.unknown())),
  })
  .meta({ id: 'IssuerCheck' })

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

export const resourceServer = z.object({ ...kept, audience: z.string() }).meta({ id: 'ResourceServer' })
const audience = z
  .url()
  .max(512)
  .refine((value) => !value.includes('#'), 'must not have a fragment (RFC 8707 §2)')
export const newResourceServer = z.strictObject({ name: slug, audience })
export const resourceServerPatch = z.strictObject({ name: slug.optional() })
export const createdResourceServer = resourceServer.extend({ api_key: z.string() })

export const me = z
  .object({
    type: z.enum(['operator', 'user', 'service_account', 'resource_server']),
    id: z.string().optional(),
    name: z.string().optional(),
    org: z.string().optional(),
    role: role.optional(),
    admin: z.boolean().optional(),
    teams: z.array(z.object({ team: z.string(), role })).optional(),
  })
  .meta({ id: 'Me' })

export const signingKey = z
  .object({
    kid: z.string(),
    alg: z.string(),
    state: z.enum(['next', 'current', 'retired', 'withdrawn']),
    published_at: time,
    activates_at: time.nullable(),
    withdrawn_at: time.nullable(),
  })
  .meta({ id: 'SigningKey' })
export const rotateSigningKey = z.strictObject({ emergency: z.boolean().default(false) })
export const rotation = z.object({ current: z.string(), next: z.string(), activates_at: time }).meta({ id: 'Rotation' })

export const auditQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(200).optional(),
  from: time.optional(),
  to: time.optional(),
  type: text(64).optional(),
  actor: text(1100).optional(),
  target: text(200).optional(),
  result: z.enum(['granted', 'refused', 'done']).optional(),
  request_id: text(100).optional(),
})
export const auditEvent = z
  .object({
    id: z.string(),
    at: time,
    type: z.string(),
    result: z.enum(['granted', 'refused', 'done']),
    reason: z.string().optional(),
    request_id: z.string(),
    org: z.string(),
    team: z.string().optional(),
    actor: z.object({ type: z.string(), id: z.string().optional(), name: z.string().optional() }),
    target: z.object({ type: z.string(), id: z.string().optional(), name: z.string().optional() }).optional(),
    client: z.object({ ip: z.string(), user_agent: z.string() }),
    detail: z.record(z.string(), z.unknown()),
    prev: z.string(),
    hash: z.string(),
  })
  .meta({ id: 'AuditEvent' })

/** For deeds that need nothing said. */
export const empty = z.strictObject({})
