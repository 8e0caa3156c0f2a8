/** GitLab: whether a ref is one that not every developer can push to, and whose word it is. Its claims are texts. */
import type { Finding } from '../finding.ts'
import { asksOf, isPinned, type Reading } from './reading.ts'
import { asking, equal, notAsking, quoted, say } from './say.ts'

export function gitlabFindings(reading: Reading): Finding[] {
  if (reading.preset?.name !== 'gitlab') return []
  return [...context(reading), ...unprotected(reading), ...people(reading), ...tags(reading)]
}

const isTrue = (reading: Reading, claim: string) => reading.pins.get(claim)?.every((value) => value === 'true') === true

/** `project_path:acme/app:*` */
function context(reading: Reading): Finding[] {
  const { subject, policy, isPattern } = reading
  if (!isPattern || !subject || subject.open.has('project') || isPinned(reading, 'ref', 'environment')) return []
  if (isTrue(reading, 'ref_protected') && isPinned(reading, 'ref_type')) return []
  return [
    say(
      'LR04',
      'warn',
      `the subject ${quoted(policy.subject)} lets in branches and tags that every developer can push`,
      asking(policy, ...protectedBranch(reading)),
    ),
  ]
}

function unprotected(reading: Reading): Finding[] {
  if (isTrue(reading, 'environment_protected')) return []
  if (isTrue(reading, 'ref_protected') && isPinned(reading, 'ref_type')) return []
  const ref = reading.pins.get('ref')
  const what = ref ? `the ref ${quoted(String(ref[0]))}` : 'the ref'
  const missing = ['ref_type', ...(isTrue(reading, 'ref_protected') ? [] : ['ref_protected'])].filter(
    (claim) => claim !== 'ref_type' || !isPinned(reading, 'ref_type'),
  )
  return [
    say(
      'LR18',
      'warn',
      `${what} need not be a protected branch: ${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} not asked for`,
      asking(reading.policy, ...protectedBranch(reading)),
    ),
  ]
}

const protectedBranch = (reading: Reading) => [
  ...(isPinned(reading, 'ref_type') ? [] : [equal(reading, 'ref_type', 'branch')]),
  ...(isPinned(reading, 'ref') ? [] : [equal(reading, 'ref')]),
  equal(reading, 'ref_protected', 'true'),
]

function people(reading: Reading): Finding[] {
  const asked = asksOf(reading, 'user_login', 'user_email')
  return asked
    .slice(0, 1)
    .map(({ claim, values }) =>
      say(
        'LR19',
        'warn',
        `${claim} ${quoted(String(values[0] ?? ''))} says who started a job and can be changed; it says nothing of what runs`,
        notAsking(reading.policy, 'user_login', 'user_email'),
      ),
    )
}

function tags(reading: Reading): Finding[] {
  const { subject, isPattern } = reading
  const isTag = subject?.written.get('ref_type') === 'tag' || reading.pins.get('ref_type')?.includes('tag') === true
  const written = isPattern ? subject?.written.get('ref') : undefined
  const asked = asksOf(reading, 'ref').find(({ op, values }) => op === 'glob' && /[*?]/.test(String(values[0])))
  const pattern = written !== undefined && /[*?]/.test(written) ? written : asked?.values[0]
  if (!isTag || pattern === undefined || isPinned(reading, 'ref') || isTrue(reading, 'ref_protected')) return []
  return [
    say('LR13', 'warn', `${quoted(String(pattern))} lets in every tag of that name, and whoever may push sets tags`, {
      ...asking(reading.policy, equal(reading, 'ref_protected', 'true')),
    }),
  ]
}
