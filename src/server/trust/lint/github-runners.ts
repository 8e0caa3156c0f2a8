/** GitHub Actions: where a job runs, by whose workflow, and who else can see the repository. */
import type { Finding } from '../finding.ts'
import { admits, asksOf, isPinned, type Reading } from './reading.ts'
import { asking, equal, notAsking, quoted, say } from './say.ts'

export function githubRunnerFindings(reading: Reading): Finding[] {
  if (reading.preset?.name !== 'github') return []
  return [...selfHosted(reading), ...floating(reading), ...forks(reading)]
}

/** Asked for and let in, or what tokens of late say where nothing is asked. */
const comes = (reading: Reading, claim: string, value: string) =>
  asksOf(reading, claim).length > 0
    ? admits(reading, claim, value) && asksOf(reading, claim).some(({ op }) => op !== 'exists' && op !== 'not')
    : (reading.claimsSeen?.[claim] ?? []).includes(value)

function selfHosted(reading: Reading): Finding[] {
  if (reading.account.access === 'read' && !reading.account.admin) return []
  if (!comes(reading, 'runner_environment', 'self-hosted') || !comes(reading, 'repository_visibility', 'public'))
    return []
  return [
    say(
      'LR37',
      'warn',
      'the policy lets in self-hosted runners of a public repository, where a pull request leaves things behind for the next job',
      asking(reading.policy, equal(reading, 'runner_environment', 'github-hosted')),
    ),
  ]
}

/** `owner/repo/.github/workflows/file.yml@ref`: without the ref, whoever pushes to any branch of it writes the job. */
function floating(reading: Reading): Finding[] {
  return asksOf(reading, 'job_workflow_ref', 'workflow_ref').flatMap(({ claim, op, values }) => {
    const floats =
      op === 'glob'
        ? values.map(String).find((value) => /[*?]/.test(value.slice(value.lastIndexOf('@') + 1)))
        : undefined
    if (floats === undefined) return []
    const [file = ''] = floats.split(/[@*?]/)
    return [
      say(
        'LR38',
        'warn',
        `${claim} ${quoted(floats)} lets in the workflow at whatever branch or tag`,
        asking(reading.policy, equal(reading, claim, `${file}@refs/heads/main`)),
      ),
    ]
  })
}

function forks(reading: Reading): Finding[] {
  if (!comes(reading, 'repository_visibility', 'public') || isPinned(reading, 'environment')) return []
  return [
    say('LR39', 'warn', 'everybody can fork a public repository, and the policy asks for no environment', {
      ...(asksOf(reading, 'environment').length > 0 ? notAsking(reading.policy, 'environment') : {}),
      ...asking(reading.policy, equal(reading, 'environment')),
    }),
  ]
}
