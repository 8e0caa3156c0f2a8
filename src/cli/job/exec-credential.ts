import type { AccessToken } from '../../client/token-provider.ts'
import { misuse } from '../failure.ts'
import type { Io } from '../io.ts'

const group = 'client.authentication.k8s.io'

/** What a credential plugin prints for kubectl. It has to be of the version that the caller speaks. Throws Failure. */
export function execCredentialFor(env: Io['env']): (token: AccessToken) => string {
  const apiVersion = versionIn(env.KUBERNETES_EXEC_INFO)
  return ({ token, expiresAt }) =>
    JSON.stringify({
      apiVersion,
      kind: 'ExecCredential',
      // Whole seconds, downwards: it is asked for again by then.
      status: { token, expirationTimestamp: expiresAt.toISOString().replace(/\.\d+Z$/, 'Z') },
    })
}

/** v1 where nobody says: kubectl always does. */
function versionIn(info: string | undefined): string {
  if (!info) return `${group}/v1`
  let read: unknown
  try {
    read = JSON.parse(info)
  } catch {
    throw misuse('KUBERNETES_EXEC_INFO is no JSON')
  }
  const asked = (read as { apiVersion?: unknown } | null)?.apiVersion
  if (asked === `${group}/v1` || asked === `${group}/v1beta1`) return asked
  throw misuse(
    `KUBERNETES_EXEC_INFO asks for ${asked}, which is not spoken here`,
    `apiVersion: ${group}/v1, in the kubeconfig`,
  )
}
