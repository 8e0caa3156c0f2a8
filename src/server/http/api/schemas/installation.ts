/** Who is calling, signing keys, what a restore has left unknown, the trail. */
import { z } from 'zod'
import { isId } from '../../../../protocol/ids.ts'
import { role, text, time } from './parts.ts'

export const me = z
  .object({
    type: z.enum(['operator', 'user', 'service_account', 'resource_server']),
    id: z.string().optional(),
    name: z.string().optional(),
    org: z.string().optional(),
    role: role.optional(),
    admin: z.boolean().optional(),
    /** Of a service account: null where it is the organization's. */
    team: z.string().nullable().optional(),
    access: z.enum(['read', 'write']).optional(),
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

export const installation = z
  .object({
    restored: z
      .object({
        backup_at: time,
        restored_at: time,
        estimated: z.boolean().meta({ description: 'The backup did not say itself of which moment it is' }),
        unknown: z.object({ from: time, to: time }).meta({ description: 'What was revoked in this span is not known' }),
        revoked_before: time.nullable().meta({ description: 'Up to when all tokens were ended since' }),
        message: z.string(),
      })
      .nullable()
      .meta({ description: 'Null: never, or it was acknowledged' }),
  })
  .meta({ id: 'Installation' })
export const acknowledgement = z.strictObject({ restored: z.null().optional() })
export const revokeBefore = z.strictObject({ before: time })

export const accountId = text(64)
  .refine((value) => isId(value, 'sa'), 'must be the id of a service account')
  .meta({
    description: 'What the account did, what was done to it, and the making and ending of its keys and policies',
  })
const issuer = text(2048).meta({
  description: 'The URL of the issuer of the token that was shown, or the name or id of one that is registered',
})
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
  reason: text(64).optional(),
  issuer: text(2048).optional().meta({ description: 'The URL of the issuer of the token that was shown' }),
})
export const orgAuditQuery = auditQuery.extend({
  issuer: issuer.optional(),
  service_account: accountId.optional(),
  team: text(128).optional().meta({ description: 'Name, or id, which that of a deleted one may be too' }),
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

export const statsQuery = z.strictObject({
  from: time.optional().meta({ description: 'By itself 24 hours before `to`' }),
  to: time.optional().meta({ description: 'By itself now' }),
  buckets: z.coerce.number().int().min(1).max(200).default(48),
  issuer: issuer.optional(),
  service_account: accountId.optional().meta({ description: 'Of the exchanges that were of this account' }),
})
const outcomes = { granted: z.int(), refused: z.int() }
export const exchangeStats = z
  .object({
    from: time.meta({ description: 'As asked for, in whole minutes; later where not all was counted' }),
    to: time,
    bucket_seconds: z.int(),
    complete: z.boolean().meta({
      description: 'False: more events than are looked at for one answer; all is counted since `from` alone',
    }),
    ...outcomes,
    buckets: z.array(z.object({ at: time, ...outcomes })),
    reasons: z.array(z.object({ reason: z.string(), count: z.int() })),
    issuers: z.array(z.object({ issuer: z.string(), ...outcomes })),
    accounts: z.array(z.object({ id: z.string(), name: z.string(), team: z.string().nullable(), ...outcomes })),
  })
  .meta({ id: 'ExchangeStats' })
