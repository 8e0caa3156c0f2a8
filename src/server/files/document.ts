/**
 * One organization as a file: what it says, and what it means where it says nothing.
 * Rules of this room: a file names objects in maps, so that no name stands twice and a change is a change of few lines;
 * what a member is not said to be it is by default, as in the admin API, so that the file says all there is; no secrets,
 * no keys and no people are in it; nothing is applied by half. Reading and planning are pure.
 */
import { z } from 'zod'
import { subjectAlgorithms } from '../../protocol/oauth.ts'
import { accessLevels, visibilities } from '../accounts/model.ts'
import { longestAudience, longestIssuer } from '../issuers/model.ts'
import { mostConditions } from '../trust/compile.ts'
import { matchKinds, policyStates } from '../trust/policy.ts'
import { presetNames } from '../trust/preset.ts'
import { condition, longestCel, subject } from './conditions.ts'
import { strict } from './strict.ts'

/** As the admin API has them (http/api/schemas/parts.ts): no id, and no API key, in one form that editors know too. */
const nameForm =
  /^(?!(?:org|user|team|proj|iss|sa|tp|key|rs|evt|req)_[0-9a-hjkmnp-tv-z]{26}$)(?!.*csk_[0-9a-z]{20})[a-z0-9][a-z0-9_-]{0,63}$/
const name = z
  .string()
  .regex(
    nameForm,
    'a name is 1 to 64 of a-z, 0-9, - and _, starting with a letter or digit, and neither an id nor a key',
  )

const text = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .refine((value) => value.isWellFormed(), 'must be well-formed Unicode')
const mapOf = <T extends z.ZodType>(item: T, description: string) =>
  z.record(name, item).default({}).meta({ description })
const overrideReason = z
  .string()
  .min(10)
  .max(500)
  .refine((value) => value.isWellFormed(), 'must be well-formed Unicode')
  .optional()
  .meta({
    description: 'Why this is right although lint calls it an error; goes into the audit trail when it is saved',
  })

const never = z.never('a private or symmetric key has no place here: give the public one').optional()
const publicJwk = z
  .looseObject({
    kty: z.string(),
    d: never,
    p: never,
    q: never,
    dp: never,
    dq: never,
    qi: never,
    oth: never,
    k: never,
    priv: never,
  })
  .meta({ description: 'A public key (RFC 7517)' })

export const writtenIssuer = strict({
  issuer: text(longestIssuer).meta({ description: 'The issuer URL, exactly as the tokens have it in iss. It stays' }),
  audiences: z.array(text(longestAudience)).min(1).max(32).optional().meta({
    description: "Audiences that its tokens may have. By default the organization's name and its URL",
  }),
  jwks_uri: text(2048).optional().meta({ description: 'Where its keys are. By default they are discovered' }),
  jwks: strict({ keys: z.array(publicJwk).min(1).max(100) })
    .optional()
    .meta({ description: 'Its public keys, for an issuer that cannot be reached' }),
  algorithms: z
    .array(z.enum(subjectAlgorithms))
    .min(1)
    .default([...subjectAlgorithms]),
  clock_tolerance: z.int().min(0).max(300).default(60).meta({ description: 'Seconds' }),
  max_token_age: z.int().min(60).max(31_536_000).optional().meta({
    description: 'Seconds. By default what is known of the preset, or 86400',
  }),
  single_use: z.boolean().default(false),
  single_use_grace: z.int().min(0).max(60).default(0).meta({ description: 'Seconds' }),
  bound_lifetime: z.boolean().default(false),
  extra_audiences: z.boolean().default(false),
  users: z.boolean().default(false),
  user_claim: z.enum(['sub', 'email']).default('sub'),
  enabled: z.boolean().default(true),
  preset: z
    .enum(presetNames)
    .nullable()
    .optional()
    .meta({ description: 'By default the one whose URL it has; null: none' }),
  override_reason: overrideReason,
}).refine(({ jwks, jwks_uri }) => !(jwks && jwks_uri), { message: 'give jwks_uri or jwks, not both', path: ['jwks'] })

export const writtenPolicy = strict({
  issuer: name.meta({ description: 'The name of an issuer of the organization' }),
  subject: subject.meta({
    description: 'The sub of the tokens; as a glob, * stands for any run of characters and ? for one',
  }),
  match: z.enum(matchKinds).default('exact'),
  conditions: z.array(condition).max(mostConditions).default([]).meta({ description: 'All of them must hold' }),
  cel: text(longestCel).optional().meta({ description: 'A CEL expression over claims, header and now' }),
  state: z
    .enum(policyStates)
    .default('live')
    .meta({ description: 'A draft is evaluated and recorded, and never grants' }),
  override_reason: overrideReason,
})

const description = z
  .string()
  .max(1000)
  .refine((value) => value.isWellFormed(), 'must be well-formed Unicode')
  .optional()
const accountFields = {
  access: z.enum(accessLevels).default('write'),
  admin: z.boolean().default(false).meta({ description: 'Administers its scope. It stays' }),
  token_ttl: z.int().min(60).max(3600).default(900).meta({ description: 'Seconds an access token lives' }),
  dpop_bound_access_tokens: z.boolean().default(false),
  description,
  enabled: z.boolean().default(true),
}
export const writtenTeamAccount = strict({
  method: z.enum(['api_key', 'federated']).meta({ description: 'federated: External, with trust policies. It stays' }),
  ...accountFields,
  override_reason: overrideReason,
  trust_policies: mapOf(writtenPolicy, 'Which subjects of which issuers may become this account'),
}).refine(({ method, trust_policies }) => method === 'federated' || Object.keys(trust_policies).length === 0, {
  message: 'a Built-in account (method: api_key) has API keys; trust policies are for federated ones',
  path: ['trust_policies'],
})
export const writtenOrgAccount = strict({
  default_team: name.meta({ description: 'The team that a project named without one is in' }),
  ...accountFields,
})

export const writtenTeam = strict({
  display_name: text(200).optional(),
  projects: mapOf(strict({ visibility: z.enum(visibilities) }), 'Projects of the team'),
  service_accounts: mapOf(writtenTeamAccount, 'Team-scoped accounts'),
})

export const organizationDocument = strict({
  organization: name.meta({ description: 'The name of the organization that this is' }),
  issuers: mapOf(writtenIssuer, 'Identity providers that the organization trusts'),
  teams: mapOf(writtenTeam, 'Teams, with their projects and accounts; their members are not in files'),
  service_accounts: mapOf(writtenOrgAccount, 'Organization-scoped accounts; API keys are made by hand'),
  resource_servers: mapOf(
    strict({
      audience: z
        .url()
        .max(512)
        .refine((value) => !value.includes('#'), 'must not have a fragment (RFC 8707 §2)')
        .meta({ description: 'It stays, since tokens bear it' }),
    }),
    'APIs that accept our tokens; their API keys are made by hand',
  ),
}).meta({ title: 'Countersign organization', description: 'One organization, as a file; see docs/how-to/files.md' })

/** With every default filled in. */
export type OrganizationDocument = z.output<typeof organizationDocument>
/** As it may be written. */
export type OrganizationFile = z.input<typeof organizationDocument>
export type WrittenIssuer = z.output<typeof writtenIssuer>
export type FilePolicy = z.output<typeof writtenPolicy>
