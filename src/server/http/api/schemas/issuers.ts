import { z } from 'zod'
import { subjectAlgorithms } from '../../../../protocol/oauth.ts'
import { longestAudience, longestIssuer } from '../../../issuers/model.ts'
import { presetNames } from '../../../trust/preset.ts'
import { findings, kept, managedBy, overrideReason, slug, text, time } from './parts.ts'

const jwks = z.object({ keys: z.array(z.record(z.string(), z.unknown())).min(1).max(100) })
const issuerFields = {
  audiences: z.array(text(longestAudience)).min(1).max(32),
  clock_tolerance: z.int().min(0).max(300),
  max_token_age: z
    .int()
    .min(60)
    .max(31_536_000)
    .meta({ description: 'Seconds. By itself as long as tokens of the preset live at the most; without one, 24 h' }),
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
  single_use_grace: 0,
  user_claim: 'sub' as const,
}
const keySource = { jwks_uri: text(2048).nullish(), jwks: jwks.nullish() }
const oneSource = (body: { jwks_uri?: unknown; jwks?: unknown }) => !(body.jwks_uri && body.jwks)
const twoSources = { message: 'give jwks_uri or jwks, not both', path: ['jwks'] }
const preset = z.enum(presetNames).nullish().meta({ description: 'By itself the one whose URL this is, if any' })
export const health = z
  .object({
    state: z.enum(['unknown', 'ok', 'stale', 'failing']),
    last_success: time.optional(),
    last_attempt: time.optional(),
    message: z.string().optional(),
    keys: z.array(z.object({ kid: z.string().nullable(), kty: z.string(), alg: z.string() })),
  })
  .meta({ id: 'IssuerHealth' })
export const healthHistory = health
  .extend({
    history: z
      .array(
        z.object({
          at: time,
          ok: z.boolean(),
          message: z.string().nullable(),
          milliseconds: z.int(),
          keys: z.int().meta({ description: 'How many can be used' }),
          rotated: z.boolean().meta({ description: 'The keys are others than those fetched before' }),
        }),
      )
      .max(50)
      .meta({ description: 'Fetches by any replica, newest first' }),
    last_rotation: time.nullable(),
  })
  .meta({ id: 'IssuerHealthHistory' })
export const dependants = z
  .object({
    policies: z.int(),
    accounts: z.int(),
    items: z
      .array(
        z.object({
          id: z.string(),
          name: z.string(),
          team: z.string(),
          enabled: z.boolean(),
          policies: z.int(),
          last_used_at: time.nullable(),
        }),
      )
      .max(200)
      .meta({ description: 'Those that were used last, first' }),
    exchanges: z
      .object({ granted: z.int(), refused: z.int(), since: time })
      .meta({ description: 'With tokens that bear its URL: of 24 hours, or of less where there were very many' }),
  })
  .meta({ id: 'IssuerDependants' })
export const issuer = z
  .object({
    ...kept,
    issuer: z.string(),
    ...issuerFields,
    jwks_uri: z.string().nullable(),
    jwks: z.record(z.string(), z.unknown()).nullable(),
    preset: z.string().nullable(),
    managed_by: managedBy,
    health,
    findings: findings.optional().meta({ description: 'Of one, not in lists' }),
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
    max_token_age: issuerFields.max_token_age.optional(),
    single_use: issuerFields.single_use.default(false),
    single_use_grace: issuerFields.single_use_grace.default(issuerDefaults.single_use_grace),
    bound_lifetime: issuerFields.bound_lifetime.default(false),
    extra_audiences: issuerFields.extra_audiences.default(false),
    users: issuerFields.users.default(false),
    user_claim: issuerFields.user_claim.default(issuerDefaults.user_claim),
    enabled: issuerFields.enabled.default(true),
    preset,
    override_reason: overrideReason.optional(),
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
    max_token_age: issuerFields.max_token_age.nullable(),
    single_use: orDefault(issuerFields.single_use, false),
    single_use_grace: orDefault(issuerFields.single_use_grace, issuerDefaults.single_use_grace),
    bound_lifetime: orDefault(issuerFields.bound_lifetime, false),
    extra_audiences: orDefault(issuerFields.extra_audiences, false),
    users: orDefault(issuerFields.users, false),
    user_claim: orDefault(issuerFields.user_claim, issuerDefaults.user_claim),
    enabled: orDefault(issuerFields.enabled, true),
    ...keySource,
    preset,
    override_reason: overrideReason,
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
/** What is known of an issuer before it is registered. */
export const discoverBody = z.strictObject({ issuer: text(longestIssuer), ...keySource }).refine(oneSource, twoSources)
export const discovered = check
  .extend({
    preset: z.enum(presetNames).nullable().meta({ description: 'The one whose URL this is, if any' }),
    algorithms: z.array(z.enum(subjectAlgorithms)).meta({ description: 'What the keys can have signed with' }),
  })
  .meta({ id: 'IssuerDiscovery' })
