import { expect } from 'chai'
import fc from 'fast-check'
import type { JsonObject } from '../../../src/protocol/json.ts'
import { type Candidate, compilePolicy } from '../../../src/server/trust/compile.ts'
import { match } from '../../../src/server/trust/match.ts'
import { narrowing } from '../../../src/server/trust/narrow.ts'
import type { Condition } from '../../../src/server/trust/policy.ts'

const candidateOf = (conditions: readonly Condition[], i: number): Candidate => {
  const id = `tp_${String(i).padStart(4, '0')}`
  const written = { subject: 'job:*', match: 'glob', conditions, cel: null, state: 'live' } as const
  const made = compilePolicy({ ...written, id, name: id, issuerId: 'iss_1' })
  if (!made.ok) throw new Error(JSON.stringify(made.faults))
  const access = 'write' as const
  const account = { id: `sa_${i}`, name: `a${i}`, enabled: true, access, tokenTtl: 900, dpopBound: false }
  return { policy: made.policy, account: { ...account, orgId: 'org_1', org: 'acme', teamId: 't', team: 't' } as const }
}
const shown = (claims: JsonObject) => {
  const header = { alg: 'RS256' }
  return { registrationId: 'iss_1', orgId: 'org_1', subject: 'job:a', claims, header, now: 0 }
}

describe('trust/narrow', () => {
  const thousand = Array.from({ length: 1_000 }, (_, i) =>
    candidateOf([{ claim: 'environment', op: 'equals', value: `env-${i}` }], i),
  )

  it('leaves of a thousand policies that compare one claim the one whose value it has', () => {
    const { plausible, all } = narrowing(thousand)
    expect(plausible({ environment: 'env-500' }).map(({ account }) => account.id)).to.deep.equal(['sa_500'])
    expect(plausible({ environment: ['env-1', 'env-2', 'env-1'] })).to.have.length(2)
    expect(plausible({})).to.deep.equal([])
    expect(all).to.equal(thousand)
  })

  it('leaves all of a few', () => {
    const few = thousand.slice(0, 3)
    expect(narrowing(few).plausible({})).to.equal(few)
  })

  it('never leaves out a policy that fits', () => {
    const scalar = fc.constantFrom<string | number | boolean>('a', 'b', '1', 1, true, 'true', 0, '')
    const claim = fc.constantFrom('x', 'y', '/z/0', '__proto__')
    const condition: fc.Arbitrary<Condition> = fc.oneof(
      fc.record({ claim, op: fc.constant('equals' as const), value: scalar }),
      fc.record({ claim, op: fc.constant('in' as const), value: fc.array(scalar, { minLength: 1, maxLength: 3 }) }),
      fc.record({ claim, op: fc.constant('exists' as const), value: fc.boolean() }),
      fc.record({ claim, op: fc.constant('glob' as const), value: fc.constantFrom('*', 'a*', '?') }),
    )
    const value = fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }), fc.constant(null))
    const claims = fc.record({ x: value, y: value, z: value }, { requiredKeys: [] })
    const policies = fc.array(fc.array(condition, { maxLength: 3 }), { minLength: 17, maxLength: 40 })
    fc.assert(
      fc.property(policies, claims, (written, given) => {
        const { all, plausible } = narrowing(written.map(candidateOf))
        const fitting = (some: readonly Candidate[]) =>
          match(some, shown(given as JsonObject), {}, () => 0)
            .trials.filter(({ miss }) => miss === undefined)
            .map(({ policy }) => policy)
            .sort()
        expect(fitting(plausible(given as JsonObject))).to.deep.equal(fitting(all))
      }),
      { numRuns: 3_000 },
    )
  })
})
