import { expect } from 'chai'
import { claimAt, parseClaim } from '../../../src/server/trust/claim.ts'
import { compilePolicy } from '../../../src/server/trust/compile.ts'
import type { Condition, WrittenPolicy } from '../../../src/server/trust/policy.ts'

const plain: WrittenPolicy = { subject: 'job:a', match: 'exact', conditions: [], cel: null, state: 'live' }
const ids = { id: 'tp_1', name: 'main', issuerId: 'iss_1' }
const faultsOf = (conditions: readonly Condition[]) => {
  const made = compilePolicy({ ...plain, ...ids, conditions })
  return made.ok ? [] : made.faults
}

describe('trust/compile', () => {
  it('keeps what a policy is, and asks its subject', () => {
    const made = compilePolicy({ ...plain, ...ids })
    if (!made.ok) throw new Error('no policy')
    const { policy } = made
    expect(policy).to.include({ ...ids, subject: 'job:a', match: 'exact', state: 'live' })
    expect(policy).to.not.have.property('cel')
    expect([policy.fitsSubject('job:a'), policy.fitsSubject('job:A')]).to.deep.equal([true, false])
  })

  it('names every fault, at its place', () => {
    const conditions: Condition[] = [
      { claim: 'ref', op: 'equals', value: 'main' },
      { claim: '', op: 'exists', value: true },
      { claim: '/a~2b', op: 'exists', value: true },
      { claim: 'ids', op: 'in', value: [] },
      { claim: 'id', op: 'equals', value: 2 ** 53 },
      { claim: 'id', op: 'in', value: [1, -(2 ** 53)] },
    ]
    expect(faultsOf(conditions)).to.deep.equal([
      { path: 'conditions.1.claim', message: 'must be 1 to 256 characters' },
      {
        path: 'conditions.2.claim',
        message: 'is no JSON pointer: ~ is written as ~0, and / within a name as ~1 (RFC 6901 §3)',
      },
      { path: 'conditions.3.value', message: 'must list at least one value' },
      {
        path: 'conditions.4.value',
        message: 'must be a whole number that JSON can tell from its neighbours (below 2^53)',
      },
      {
        path: 'conditions.5.value',
        message: 'must be a whole number that JSON can tell from its neighbours (below 2^53)',
      },
    ])
  })

  it('takes the largest whole numbers that can be told apart, and fractions', () => {
    expect(faultsOf([{ claim: 'n', op: 'in', value: [2 ** 53 - 1, 0.5, 1e300 / 7e299] }])).to.deep.equal([])
  })

  it('is never without an engine for an expression', () => {
    expect(() => compilePolicy({ ...plain, ...ids, cel: 'claims.a == 1' })).to.throw('compiled with CEL')
  })
})

describe('trust/claim', () => {
  const pathOf = (claim: string) => {
    const parsed = parseClaim(claim)
    return 'path' in parsed ? parsed.path : parsed.fault
  }

  it('takes a name as it is, and a pointer apart', () => {
    expect(pathOf('a/b')).to.deep.equal(['a/b'])
    expect(pathOf('/a/b')).to.deep.equal(['a', 'b'])
    expect(pathOf('/')).to.deep.equal([''])
    expect(pathOf('/a~1b/c~0d/~01')).to.deep.equal(['a/b', 'c~d', '~1'])
    expect(pathOf('a~b')).to.deep.equal(['a~b'])
  })

  it('bounds both', () => {
    expect(pathOf('x'.repeat(256))).to.deep.equal(['x'.repeat(256)])
    expect(pathOf('x'.repeat(257))).to.equal('must be 1 to 256 characters')
    expect(pathOf('/a'.repeat(8))).to.have.length(8)
    expect(pathOf('/a'.repeat(9))).to.equal('a JSON pointer may lead at most 8 members deep')
    expect(pathOf('/a~')).to.match(/no JSON pointer/)
  })

  it('finds own members alone, of lists by their place', () => {
    const claims = { a: { b: [{ c: 1 }, null, 'x'] }, '': 2, n: null }
    const at = (claim: string) => {
      const parsed = parseClaim(claim)
      return 'path' in parsed ? claimAt(claims, parsed.path) : undefined
    }
    expect(at('/a/b/0/c')).to.equal(1)
    expect(at('/a/b/1')).to.equal(undefined)
    expect(at('/a/b/2')).to.equal('x')
    expect(at('/a/b/3')).to.equal(undefined)
    expect(at('/a/b/-')).to.equal(undefined)
    expect(at('/a/b/00')).to.equal(undefined)
    expect(at('/a/b/2/0')).to.equal(undefined)
    expect(at('/a/b/length')).to.equal(undefined)
    expect(at('/a/toString')).to.equal(undefined)
    expect(at('/')).to.equal(2)
    expect(at('n')).to.equal(undefined)
    expect(at('/n/x')).to.equal(undefined)
  })
})
