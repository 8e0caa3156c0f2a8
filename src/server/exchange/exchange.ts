/** Subject token in, access token out: parse, judge (prove, grant), claim, mint, witness. This function is the map of the house. */
import type { TokenResponse } from '../../protocol/oauth.ts'
import type { Origin } from '../audit/origin.ts'
import type { Dpop } from '../tokens/dpop.ts'
import type { Mint } from '../tokens/mint.ts'
import type { ReplayGuard } from '../tokens/replay.ts'
import type { Standing } from '../tokens/standing.ts'
import type { GrantOf } from './grant.ts'
import { createJudge, maxThoughts, mayBeOutdated } from './judge.ts'
import { parse, type TokenRequest } from './parse.ts'
import type { Prove } from './prove.ts'
import { type Step, unwatched } from './step.ts'
import type { Witness } from './witness.ts'

export type Exchange = (request: () => TokenRequest, origin: Origin) => Promise<TokenResponse>
type Needs = {
  witness: Witness
  prove: Prove
  grantOf: GrantOf
  replay: ReplayGuard
  dpop: Pick<Dpop, 'claim'>
  standing: Standing
  mint: Mint
  step?: Step
}

/** `request` is read inside, so that a body that cannot be read is on record too. Throws Refusal. */
export function createExchange({ witness, prove, standing, step = unwatched, ...needs }: Needs): Exchange {
  const read = step('parse', (request: () => TokenRequest, onGrant: (grantType: string) => void) =>
    parse(request(), onGrant),
  )
  const judge = createJudge({ prove, grantOf: step('grant', needs.grantOf), standing })
  const [claim, claimProof] = [step('claim', needs.replay.claim), step('claim', needs.dpop.claim)]
  const mint = step('mint', needs.mint)
  return (request, origin) => {
    let claimed = false
    let proofClaimed = false
    return witness(origin, async (note) => {
      const ask = read(request, (grantType) => note({ grantType }))
      // Once; again when an admin revoked or changed something of the organization before the token was minted.
      for (let thoughts = 1; ; thoughts++) {
        const { proven, grant, since } = await judge(ask, note)
        // Before the subject token, so that a proof that is shown again does not burn one.
        if (grant.proof && !proofClaimed) {
          await claimProof(grant.proof)
          proofClaimed = true
        }
        // After match, so that a refused caller does not burn the token; before mint, so that of two only one wins.
        if (proven.token?.registration.singleUse && !claimed) {
          try {
            note({ forgive: await claim(proven.token) })
          } catch (error) {
            // It may be that its issuer allows more than one use by now.
            if (thoughts < maxThoughts && (await mayBeOutdated(error, since, standing))) continue
            throw error
          }
          claimed = true
        }
        // Nothing may come between this look and the mint: what is revoked later ends what was minted before.
        const moved = standing.moved(since, grant.principal)
        if (!moved) return { ...mint(grant), late: () => standing.late(since, grant.principal) }
        await moved
      }
    })
  }
}
