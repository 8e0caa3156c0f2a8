/** A run of HCP Terraform: a token for each variable TFC_WORKLOAD_IDENTITY_AUDIENCE[_TAG] of the workspace. */
import type { Environment } from '../../../src/client/surroundings.ts'
import type { Provider } from '../identity-provider.ts'
import { documentedClaims } from './documented-claims.ts'

type Ask = {
  /** Of the workspace (category environment). */
  variables?: Record<string, string>
  claims?: Record<string, unknown>
}
export type HcpTerraform = { env: Environment; close(): Promise<void> }

export async function startHcpTerraform(provider: Provider, { variables = {}, claims }: Ask = {}) {
  const iat = Math.floor(Date.now() / 1000)
  const tokens = Object.entries(variables).flatMap(([name, aud]) => {
    const [, tag] = /^TFC_WORKLOAD_IDENTITY_AUDIENCE((?:_\w+)?)$/.exec(name) ?? []
    if (tag === undefined) return []
    const made = { iat, nbf: iat - 5, exp: iat + 7200, ...documentedClaims('hcp-terraform'), ...claims, aud }
    return [[`TFC_WORKLOAD_IDENTITY_TOKEN${tag}`, provider.token(made)]]
  })
  const started: HcpTerraform = {
    env: {
      TFC_RUN_ID: 'run-X3n1AUXNGWbfECsJ',
      TFC_WORKSPACE_NAME: 'production',
      TFC_WORKSPACE_SLUG: 'acme/production',
      ...variables,
      ...Object.fromEntries(tokens),
    },
    close: async () => {},
  }
  return started
}
