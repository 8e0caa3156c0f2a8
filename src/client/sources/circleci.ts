import { SubjectTokenError } from '../federation-error.ts'
import type { SubjectTokenSource } from '../subject-token.ts'
import type { Environment } from '../surroundings.ts'
import { runProgram } from './run-program.ts'
import { audienceOf, claimsOf } from './unverified.ts'

const name = 'circleci'

/**
 * CircleCI: tokens in the environment are for the organization itself, whoever they are shown to; its program makes one for
 * us. Both come from the organization's own issuer: `--root-issuer` would bring one that every organization shares.
 */
export const circleci: SubjectTokenSource = {
  name,
  missing: 'CIRCLECI is not "true"',
  whenExpired: 'CircleCI puts one token into the environment, for an hour; `circleci run oidc get` makes a new one',
  detect: ({ env }) => env.CIRCLECI === 'true',
  async getSubjectToken({ audience, signal }, here) {
    const given = here.env.CIRCLE_OIDC_TOKEN_V2?.trim() || here.env.CIRCLE_OIDC_TOKEN?.trim()
    if (given && isFor(given, audience, here.now())) return { token: given }
    if (audience) {
      const claims = JSON.stringify({ aud: audience })
      const made = await runProgram(name, here, ['circleci', 'run', 'oidc', 'get', '--claims', claims], signal)
      if (made !== undefined) return { token: made }
    }
    if (given) return { token: given, hint: whatToAccept(given, audience) }
    throw new SubjectTokenError(name, 'the job has no ID token (CIRCLE_OIDC_TOKEN_V2), and no program `circleci`', {
      code: 'permission_missing',
      hint: howToGetOne(here.env),
    })
  },
}

/** Who has the issuer accept the organization's id says so by COUNTERSIGN_AUDIENCE. */
function isFor(token: string, audience: string | undefined, now: number): boolean {
  if (audience && !audienceOf(token).includes(audience)) return false
  const exp = claimsOf(token)?.exp
  return !(typeof exp === 'number' && exp * 1000 <= now)
}

function whatToAccept(token: string, audience: string | undefined): string {
  const id = audienceOf(token).join(', ')
  return `the token is for the CircleCI organization ${id}: put \`circleci\` on the PATH, so that it makes one for ${audience}, or let the issuer accept ${id} and set COUNTERSIGN_AUDIENCE to it`
}

function howToGetOne({ CIRCLE_PR_USERNAME, CIRCLE_PR_REPONAME }: Environment): string {
  if (CIRCLE_PR_USERNAME || CIRCLE_PR_REPONAME)
    return 'a pull request from a fork gets one only where the project passes secrets to builds of forks: leave this step out there'
  return 'CircleCI gives every job one (server 4.4 or later): where the job runs in a container of its own, hand CIRCLE_OIDC_TOKEN_V2 on to it'
}
