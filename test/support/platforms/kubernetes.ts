/** A pod. Every one has a token for the API server; one for us where a volume asks for it. The kubelet replaces both. */
import type { Provider } from '../identity-provider.ts'
import { documentedClaims } from './documented-claims.ts'
import { type Machine, machine } from './machine.ts'

export type Pod = {
  surroundings: Machine
  /** What the kubelet does at 80 % of a token's life. */
  rotate(): void
}
type Ask = {
  /** Of the volume at /var/run/secrets/countersign; none without it. */
  audience?: string | undefined
  /** Of the API server, as --api-audiences has it. */
  api?: string | readonly string[]
  /** automountServiceAccountToken. */
  isMounted?: boolean
  env?: Record<string, string>
  files?: Record<string, string>
}
const projected = '/var/run/secrets/countersign/token'
const standard = '/var/run/secrets/kubernetes.io/serviceaccount/token'

export function startPod(
  provider: Provider,
  { audience, api = 'https://kubernetes.default.svc.cluster.local', isMounted = true, env = {}, files = {} }: Ask = {},
): Pod {
  const surroundings = machine({
    env: { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443', ...env },
    files: { ...files },
  })
  const rotate = () => {
    const iat = Math.floor(Date.now() / 1000)
    // The kubelet writes a list, of one.
    const token = (aud: readonly string[]) =>
      provider.token({ ...documentedClaims('kubernetes', 'Amazon EKS'), aud, iat, nbf: iat, exp: iat + 3607 })
    if (isMounted) surroundings.files[standard] = token([api].flat())
    if (audience !== undefined) surroundings.files[projected] = token([audience])
  }
  rotate()
  return { surroundings, rotate }
}
