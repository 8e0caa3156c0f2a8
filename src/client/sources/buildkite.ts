import { SubjectTokenError } from '../federation-error.ts'
import type { SubjectTokenSource } from '../subject-token.ts'
import type { Environment } from '../surroundings.ts'
import { askPlatform, memberOf } from './ask-platform.ts'
import { audienceNeeded } from './audience-needed.ts'
import { runProgram } from './run-program.ts'

const name = 'buildkite'

/** Every organization has the same issuer, and names change hands: the ids are what a policy goes by. */
const ids = ['organization_id', 'pipeline_id']

/** Buildkite: its agent's API, else the agent itself. */
export const buildkite: SubjectTokenSource = {
  name,
  missing: 'BUILDKITE is not "true"',
  detect: ({ env }) => env.BUILDKITE === 'true',
  async getSubjectToken(ask, here) {
    const audience = audienceNeeded(name, ask)
    const claims = claimsFor(here.env)
    const { BUILDKITE_AGENT_ENDPOINT: endpoint, BUILDKITE_AGENT_ACCESS_TOKEN: pass, BUILDKITE_JOB_ID: job } = here.env
    if (endpoint && pass && job) {
      const written = `${endpoint.replace(/\/+$/, '')}/jobs/${encodeURIComponent(job)}/oidc/tokens`
      if (!URL.canParse(written)) throw new SubjectTokenError(name, 'BUILDKITE_AGENT_ENDPOINT is not a URL')
      const subject = here.env.BUILDKITE_OIDC_TOKEN_SUBJECT_CLAIM
      const text = await askPlatform(name, here, {
        url: new URL(written),
        method: 'POST',
        headers: { authorization: `Token ${pass}`, accept: 'application/json', 'content-type': 'application/json' },
        body: JSON.stringify({ audience, claims, ...(subject && { subject_claim: subject }) }),
        signal: ask.signal,
        whenRefused: 'the access token of the agent is good for its own job, and while that runs',
      })
      return { token: memberOf(name, text, 'token') }
    }
    const args = ['oidc', 'request-token', '--audience', audience, ...claims.flatMap((claim) => ['--claim', claim])]
    const token = await runProgram(name, here, ['buildkite-agent', ...args], ask.signal)
    if (token !== undefined) return { token }
    throw new SubjectTokenError(name, 'there is neither BUILDKITE_AGENT_ACCESS_TOKEN nor a program `buildkite-agent`', {
      code: 'permission_missing',
      hint: 'where the step runs in a container, give it the agent: `mount-buildkite-agent: true` of the docker plugin',
    })
  },
}

/** What the pipeline has set for the agent is asked for as well, whichever way we go. */
function claimsFor({ BUILDKITE_OIDC_TOKEN_CLAIMS: set = '' }: Environment): string[] {
  const own = set.split(',').map((claim) => claim.trim())
  return [...new Set([...ids, ...own.filter(Boolean)])]
}
