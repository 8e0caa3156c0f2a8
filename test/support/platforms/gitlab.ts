/** A GitLab CI job: its tokens come with it, one for each that `id_tokens` names. */
import type { Environment } from '../../../src/client/surroundings.ts'
import type { Provider } from '../identity-provider.ts'
import { documentedClaims } from './documented-claims.ts'

type Ask = {
  /** Of the job's file: a name, and whom it is for. */
  idTokens?: Record<string, string | readonly string[]>
  /** Beside those that every token has. */
  claims?: Record<string, unknown>
}
export type Gitlab = { env: Environment; close(): Promise<void> }

export async function startGitlab(provider: Provider, { idTokens = {}, claims = {} }: Ask = {}): Promise<Gitlab> {
  const iat = Math.floor(Date.now() / 1000)
  // Five minutes where the job has no timeout of its own; here it has an hour.
  const made = { iat, nbf: iat - 5, exp: iat + 3600, ...documentedClaims('gitlab'), ...claims }
  const tokens = Object.entries(idTokens).map(([name, aud]) => [name, provider.token({ ...made, aud })])
  return {
    env: {
      CI: 'true',
      GITLAB_CI: 'true',
      CI_SERVER_URL: 'https://gitlab.com',
      CI_PROJECT_PATH: 'acme/app',
      CI_JOB_ID: '302',
      CI_PIPELINE_SOURCE: 'push',
      ...Object.fromEntries(tokens),
    },
    close: async () => {},
  }
}
