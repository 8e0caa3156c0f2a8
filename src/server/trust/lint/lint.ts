/**
 * What is dangerous about a policy or an issuer, before it guards anything.
 * Rules of this room: pure, like all of trust; a finding names its rule and says in one sentence, with the policy's own
 * values, what would go wrong; `better` holds members as the API takes them, and `<placeholders>` only for what nobody
 * but the admin knows. An `error` refuses the save, so it is kept for what lets strangers in, or never works; where it
 * cannot be told, there is a `warn` or nothing. An id pins, a name does not; a wildcard pins nothing; what stands behind
 * a wildcard in a subject is not certain. Of a provider that is not known, an exact subject is nobody's business.
 */
import type { Finding } from '../finding.ts'
import type { WrittenPolicy } from '../policy.ts'
import { audienceFindings } from './audience.ts'
import { celFindings } from './cel.ts'
import { claimFindings } from './claims.ts'
import { githubFindings } from './github.ts'
import { githubRunnerFindings } from './github-runners.ts'
import { gitlabFindings } from './gitlab.ts'
import { kubernetesFindings } from './kubernetes.ts'
import { providerFindings } from './providers.ts'
import { type About, readPolicy } from './reading.ts'
import { sorted } from './say.ts'
import { sharedIssuerFindings } from './shared-issuers.ts'
import { siblingFindings } from './siblings.ts'
import { subjectFindings } from './subject.ts'
import { usageFindings } from './usage.ts'

const families = [
  subjectFindings,
  sharedIssuerFindings,
  claimFindings,
  celFindings,
  githubFindings,
  githubRunnerFindings,
  gitlabFindings,
  kubernetesFindings,
  providerFindings,
  audienceFindings,
  siblingFindings,
  usageFindings,
]

export function lintPolicy(policy: WrittenPolicy, about: About): Finding[] {
  const reading = readPolicy(policy, about)
  return sorted(families.flatMap((family) => family(reading)))
}

/** The rules that refuse. */
export const refusing = (findings: readonly Finding[]): string[] => [
  ...new Set(findings.filter(({ severity }) => severity === 'error').map(({ rule }) => rule)),
]
