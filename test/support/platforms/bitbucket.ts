/** A step of Bitbucket Pipelines: with `oidc: true` its token is for the workspace, with `audiences` for up to ten others. */
import type { Environment } from '../../../src/client/surroundings.ts'
import type { Provider } from '../identity-provider.ts'
import { documentedClaims } from './documented-claims.ts'

export const workspaceAudience = 'ari:cloud:bitbucket::workspace/e2b9cba7-4ecf-452c-bb1c-87add4084c99'

type Ask = { oidc?: boolean | { audiences: readonly string[] }; claims?: Record<string, unknown> }
export type Bitbucket = { env: Environment; close(): Promise<void> }

export async function startBitbucket(provider: Provider, { oidc = true, claims }: Ask = {}): Promise<Bitbucket> {
  const audiences = typeof oidc === 'object' ? oidc.audiences : [workspaceAudience]
  if (audiences.length > 10 || audiences.some((one) => one.length > 150))
    throw new Error('at most 10 audiences, of 150 characters at most')
  const iat = Math.floor(Date.now() / 1000)
  const aud = audiences.length === 1 ? audiences[0] : audiences
  const token = () => provider.token({ iat, exp: iat + 3600, ...documentedClaims('bitbucket'), ...claims, aud })
  return {
    env: {
      CI: 'true',
      BITBUCKET_BUILD_NUMBER: '41',
      BITBUCKET_WORKSPACE: 'acme',
      BITBUCKET_REPO_SLUG: 'app',
      BITBUCKET_BRANCH: 'main',
      ...(oidc && { BITBUCKET_STEP_OIDC_TOKEN: token() }),
    },
    close: async () => {},
  }
}
