import { expect } from 'chai'
import { createReadyPolicies } from '../../../src/server/shared-state/ready-policies.ts'
import { compilePolicy } from '../../../src/server/trust/compile.ts'
import type { WrittenCandidate } from '../../../src/server/trust/policy.ts'

describe('shared-state/ready-policies', () => {
  const candidate = (id: string, version = 1, subject = 'job:a'): WrittenCandidate => ({
    policy: {
      id,
      name: id,
      version,
      issuerId: 'iss_1',
      subject,
      match: 'exact',
      conditions: [],
      cel: null,
      state: 'live',
    },
    account: { id: 'sa_1' } as WrittenCandidate['account'],
  })
  function counting() {
    const compiled: string[] = []
    const ready = createReadyPolicies(async (policy) => {
      compiled.push(`${policy.id}.${policy.version}`)
      const made = compilePolicy(policy)
      return made.ok && policy.subject !== 'broken' ? made.policy : undefined
    })
    return { compiled, ready }
  }

  it('compiles a policy once, and again when it has changed', async () => {
    const { compiled, ready } = counting()
    const [first] = await ready([candidate('tp_1'), candidate('tp_2')])
    const [again] = await ready([candidate('tp_1')])
    expect(again?.policy).to.equal(first?.policy)
    const [changed] = await ready([candidate('tp_1', 2, 'job:b')])
    expect(changed?.policy.fitsSubject('job:b')).to.equal(true)
    expect(compiled).to.deep.equal(['tp_1.1', 'tp_2.1', 'tp_1.2'])
  })

  it('takes the account as it is now', async () => {
    const { ready } = counting()
    await ready([candidate('tp_1')])
    const account = { id: 'sa_2' } as WrittenCandidate['account']
    expect((await ready([{ ...candidate('tp_1'), account }]))[0]?.account).to.equal(account)
  })

  it('leaves out what cannot be compiled', async () => {
    const { ready } = counting()
    const found = await ready([candidate('tp_1', 1, 'broken'), candidate('tp_2')])
    expect(found.map(({ policy }) => policy.id)).to.deep.equal(['tp_2'])
  })
})
