/** An organization as a file. */
import { z } from 'zod'
import { kinds } from '../../../files/members.ts'
import { finding, text } from './parts.ts'
import { replay } from './trials.ts'

const document = z
  .record(z.string(), z.unknown())
  .meta({ description: 'As GET /api/v1/schemas/organization.json describes it', example: { organization: 'acme' } })
const prune = z.boolean().default(false).meta({ description: 'Delete what the file does not name' })
const source = text(200)
  .refine((value) => !/\p{Cc}/u.test(value), 'must not hold control characters')
  .default('a file')
  .meta({
    description: 'Where the file is kept: a URL or path, and @REVISION',
    example: 'github.com/acme/infra/acme.yaml@4f2a9c1',
  })
const days = z.int().min(0).max(90).default(14).meta({ description: 'How far back the replay goes; 0: none' })
export const filePlan = z.strictObject({ document, prune, source, days })
export const fileApply = z.strictObject({ document, prune, source })

const change = z
  .object({
    action: z.enum(['create', 'update', 'delete']),
    kind: z.enum(kinds),
    id: z.string().optional(),
    path: z.string().meta({ example: 'teams/ml/service-accounts/trainer/trust-policies/main' }),
    before: z.record(z.string(), z.unknown()).optional(),
    after: z.record(z.string(), z.unknown()).optional(),
    adopted: z.literal(true).optional().meta({ description: 'It was in no file before' }),
    ends_tokens: z.literal(true).optional().meta({ description: 'Tokens that it gave out end with it' }),
    notes: z.array(z.string()).optional(),
  })
  .meta({ id: 'FileChange' })
const summary = z.object({ created: z.int(), updated: z.int(), deleted: z.int(), unchanged: z.int() })
const answered = {
  changes: z.array(change),
  summary,
  findings: z.array(finding.extend({ path: z.string() }).meta({ id: 'FileFinding' })),
  state: z.string().meta({ description: 'The ETag, of all that a file can speak of' }),
}
export const plannedFile = z
  .object({
    ...answered,
    faults: z
      .array(z.object({ path: z.string(), message: z.string() }))
      .meta({ description: 'Why it cannot be applied' }),
    replay: replay
      .omit({ judged_as: true })
      .meta({ id: 'FileReplay', description: 'Of all changes together; null: no policy changes' })
      .nullable(),
  })
  .meta({ id: 'FilePlan' })
export const appliedFile = z.object(answered).meta({ id: 'AppliedFile' })
export const exportedFile = z.looseObject({ organization: z.string() }).meta({ id: 'OrganizationFile' })
