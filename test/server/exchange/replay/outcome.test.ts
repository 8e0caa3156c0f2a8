import { expect } from 'chai'
import { outcomeOf } from '../../../../src/server/exchange/replay/outcome.ts'
import { compilePolicy } from '../../../../src/server/trust/compile.ts'
import { turnsDuring } from '../../../support/loop-turns.ts'

const account = {
  id: 'sa_1',
  name: 'trainer',
  enabled: true,
  access: 'write',
  tokenTtl: 900,
  dpopBound: false,
  orgId: 'org_1',
  org: 'acme',
  teamId: 'team_1',
  team: 'ml',
} as const

describe('exchange/replay/outcome', () => {
  it('lets others have their turn within one exchange, when much is asked of it', async () => {
    const candidates = Array.from({ length: 100 }, (_, i) => {
      const condition = { claim: 'n', op: 'equals', value: i } as const
      const made = compilePolicy({
        ...{ id: `tp_${i}`, name: `p${i}`, issuerId: 'iss_1', subject: 'job:a', match: 'exact', cel: null },
        ...{ state: 'live', conditions: [condition] },
      })
      if (!made.ok) throw new Error('not compiled')
      return { policy: made.policy, account }
    })
    const claims = { sub: 'job:a', n: 7 }
    const recorded = {
      ...{ at: 0, requestId: 'req_1', granted: false, issuer: 'https://ci.example', audiences: [] },
      evidence: { subject: 'job:a', claims, header: { alg: 'RS256' }, now: 0 },
      ...{ hasHeader: true, marked: false },
    }
    let ms = 0
    const slow = () => ms++
    const at = { registrationId: 'iss_1', orgId: 'org_1' }
    const { result, turns } = await turnsDuring(outcomeOf(candidates, recorded, at, slow))
    expect(result).to.deep.equal({ is: 'account', account })
    expect(turns).to.be.at.least(20)
  })
})
