/** Subject token in, access token out: parse, verify, match, mint, witness. This function is the map of the house. */
import type { TokenResponse } from '../../protocol/oauth.ts'
import type { Origin } from '../audit/origin.ts'
import type { Mint } from '../tokens/mint.ts'
import type { ReplayGuard } from '../tokens/replay.ts'
import type { GrantOf } from './grant.ts'
import { parse, type TokenRequest } from './parse.ts'
import type { Prove } from './prove.ts'
import type { Witness } from './witness.ts'

export type Exchange = (request: () => TokenRequest, origin: Origin) => Promise<TokenResponse>
type Needs = { witness: Witness; prove: Prove; grantOf: GrantOf; replay: ReplayGuard; mint: Mint }

/** `request` is read inside, so that a body that cannot be read is on record too. Throws Refusal. */
export function createExchange({ witness, prove, grantOf, replay, mint }: Needs): Exchange {
  return (request, origin) =>
    witness(origin, async (note) => {
      const ask = parse(request(), (grantType) => note({ grantType }))
      const proven = await prove(ask, note)
      const grant = await grantOf(ask, proven)
      note({ grant })
      // After match, so that a refused caller does not burn the token; before mint, so that of two only one wins.
      const { token } = proven
      if (token) note({ forgive: await replay.claim(token) })
      return mint(grant)
    })
}
