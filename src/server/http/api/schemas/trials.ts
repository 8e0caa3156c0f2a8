/** Trying a trust policy before it guards anything. */
import { z } from 'zod'
import { newTrustPolicy, trustPolicyPatch } from './accounts.ts'
import { findings, text, time } from './parts.ts'

const days = z.int().min(1).max(90).default(14).meta({ description: 'How far back' })
export const replayNew = newTrustPolicy.extend({ days })
export const replayChange = trustPolicyPatch
  .extend({ days, delete: z.literal(true).meta({ description: 'Instead of a change: without the policy' }).optional() })
  .refine(
    ({ delete: isDeleted, days: _, ...changes }) => !isDeleted || Object.keys(changes).length === 0,
    'is deleted or changed, not both',
  )

const group = z.object({
  subject: z.string(),
  service_account: z
    .string()
    .nullable()
    .meta({ description: 'Who is gained or lost: team/name, or a user; null: nobody, or not for you' }),
  between: z
    .array(z.string())
    .optional()
    .meta({ description: 'The accounts that it would stand for, as far as you see them' }),
  claims: z.array(z.string()).optional().meta({ description: 'What was not kept of the token' }),
  count: z.int(),
  first_at: time,
  last_at: time,
  request_id: z.string().meta({ description: 'Of the newest' }),
})
export const replay = z
  .object({
    judged_as: z.enum(['live', 'draft', 'deleted']),
    days: z.int(),
    from: time,
    to: time,
    exchanges: z.int().meta({ description: 'Replayed: of this issuer, with a token that was proven' }),
    truncated: z.boolean(),
    sight: z.enum(['organization', 'teams']),
    counts: z.object({
      gain: z.int(),
      lose: z.int(),
      ambiguous: z.int(),
      unknown: z.int(),
      unchanged: z.object({ granted: z.int(), refused: z.int() }),
    }),
    gain: z.array(group),
    lose: z.array(group),
    ambiguous: z.array(group),
    unknown: z.array(group),
    more: z.boolean().meta({ description: 'There are more subjects than are listed' }),
    notes: z.array(z.string()),
  })
  .meta({ id: 'Replay' })

export const suggest = z.strictObject({
  request_id: text(100).meta({ description: 'Of the refusal' }),
  claims: z
    .array(text(256))
    .max(16)
    .default([])
    .meta({ description: 'To be pinned, too: names, or JSON pointers (RFC 6901)', example: ['environment'] }),
  days: days.removeDefault().optional().meta({ description: 'Replays it so far back' }),
})
export const suggestion = z
  .object({
    policy: z.object({
      issuer: z.string(),
      subject: z.string(),
      match: newTrustPolicy.shape.match.removeDefault(),
      conditions: newTrustPolicy.shape.conditions.removeDefault(),
    }),
    findings,
    notes: z.array(z.string()),
    replay: replay.optional(),
  })
  .meta({ id: 'Suggestion' })
