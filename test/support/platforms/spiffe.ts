/** A workload beside spiffe-helper, which writes a JWT-SVID into a file, as it is, and a new one before it ends. */
import type { Provider } from '../identity-provider.ts'
import { documentedClaims } from './documented-claims.ts'
import { type Machine, machine } from './machine.ts'

export type Spiffe = { surroundings: Machine; rotate(): void }
const file = '/run/spiffe/countersign.jwt'

export function startSpiffe(provider: Provider, { audience }: { audience: string }): Spiffe {
  const env = {
    SPIFFE_ENDPOINT_SOCKET: 'unix:///run/spire/agent.sock',
    COUNTERSIGN_SPIFFE_TOKEN_FILE: file,
  }
  const surroundings = machine({ env })
  const rotate = () => {
    const iat = Math.floor(Date.now() / 1000)
    const claims = { ...documentedClaims('spiffe'), aud: [audience], iat, exp: iat + 300 }
    surroundings.files[file] = provider.token(claims)
  }
  rotate()
  return { surroundings, rotate }
}
