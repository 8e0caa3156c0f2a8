/** Why a token is granted or refused. */
import { z } from 'zod'
import { candidateOutcomes, explainedSteps, stepOutcomes } from '../../../exchange/explained.ts'
import { hintKinds } from '../../../trust/hints.ts'
import { newTrustPolicy } from './accounts.ts'
import { text } from './parts.ts'

const serviceAccount = text(129).meta({ description: 'An id, or team/name', example: 'ml/trainer' })
const triedPolicy = newTrustPolicy.omit({ override_reason: true }).extend({ service_account: serviceAccount })

export const explainAsk = z
  .strictObject({
    assertion: z.string().min(1).optional().meta({ description: 'The subject token; it is not kept, and not used up' }),
    request_id: text(64).optional().meta({ description: 'Of an exchange in the audit trail' }),
    service_account: serviceAccount.optional(),
    scope: text(1024).optional().meta({ description: 'As the exchange asked for it' }),
    resource: text(1024).optional().meta({ description: 'As the exchange asked for it' }),
    requested_token_ttl: z.int().min(1).optional(),
    policy: triedPolicy.optional().meta({ description: 'Judged beside those that are kept, as a draft would be' }),
  })
  .refine(({ assertion, request_id }) => (assertion === undefined) !== (request_id === undefined), {
    error: 'give either assertion or request_id',
    path: ['assertion'],
  })

const value = z.json()
const hints = z.array(z.object({ kind: z.enum(hintKinds), message: z.string() }))
const step = z.object({
  step: z.enum(explainedSteps),
  outcome: z.enum(stepOutcomes),
  reason: z.string().optional(),
  message: z.string(),
  expected: value.optional(),
  received: value.optional(),
  hints,
})
const condition = z.object({
  claim: z.string(),
  op: z.string(),
  expected: value,
  received: value,
  holds: z.boolean(),
  hints,
})
const candidate = z.object({
  service_account: z.string().meta({ description: 'team/name' }),
  team: z.string(),
  policy: z.string().nullable().meta({ description: 'Its id; null for the one that is only tried' }),
  name: z.string().nullable(),
  state: z.string(),
  outcome: z.enum(candidateOutcomes).meta({
    description:
      'fits: every condition holds, and it grants nothing all the same (a draft, or a step refused the token)',
  }),
  conditions: z.array(condition),
  hints,
})
export const explained = z
  .object({
    outcome: z.enum(['granted', 'refused']),
    reason: z.string().optional(),
    steps: z.array(step),
    candidates: z.array(candidate).meta({ description: 'At most 50, nearest first' }),
    grant: z
      .object({
        service_account: z.string().optional(),
        user: z.string().optional(),
        scope: z.string(),
        expires_in: z.int(),
      })
      .optional(),
  })
  .meta({ id: 'Explained' })
