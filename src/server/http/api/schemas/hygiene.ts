/** What should be looked after. */
import { z } from 'zod'
import { hygieneKinds } from '../../../admin/hygiene.ts'
import { severities } from '../../../trust/finding.ts'
import { findings, listQuery, time } from './parts.ts'

const kind = z.enum(hygieneKinds)
const named = { id: z.string(), name: z.string() }

export const hygieneQuery = listQuery.extend({ kind: kind.optional() })
const concern = z
  .object({
    kind,
    severity: z.enum(severities),
    message: z.string(),
    service_account: z.object({ ...named, team: z.string().nullable() }).nullable(),
    user: z.object(named).nullable(),
    key: z.object({ ...named, hint: z.string() }).nullable(),
    policy: z.object(named).nullable(),
    since: time.nullable().meta({
      description: 'When it was made, used last, or, of a key that expires soon, when it ends',
    }),
    findings: findings.optional().meta({ description: 'Of a weak policy' }),
  })
  .meta({ id: 'Concern' })
export const hygiene = z.object({
  items: z.array(concern),
  counts: z.record(kind, z.int()).meta({ description: 'Of all of a kind that the caller may see, whatever is listed' }),
  next_cursor: z.string().nullable(),
})
