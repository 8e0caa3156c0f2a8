/** Which claims an expression reads: rather all of them than one too few. */
import { expect } from 'chai'
import { readsOf } from '../../../src/server/trust/cel-claims.ts'

const cases: [source: string, claims: 'any' | string[], header?: true][] = [
  ["claims.ref == 'main'", ['ref']],
  ["claims.ref == 'main' && claims . env in ['a']", ['ref', 'env']],
  [`claims["ref"] == 'x' || claims['a-b'] == 'y'`, ['ref', 'a-b']],
  ['has(claims.ref)', ['ref']],
  ['claims.a.b.c == 1', ['a']],
  ['now > timestamp("2026-01-01T00:00:00Z")', []],
  ["header.alg == 'RS256'", [], true],
  // What may be any of them.
  ["claims.exists(name, claims[name] == 'x')", 'any'],
  ["claims.all(name, name != 'x')", 'any'],
  ["claims.exists (name, name == 'x')", 'any'],
  ["'ref' in claims", 'any'],
  ['[claims].exists(c, c.ref == "x")', 'any'],
  ["claims[claims.which] == 'x'", 'any'],
  [String.raw`claims["r\u0065f"] == 'x'`, 'any'],
  [`claims[r"ref"] == 'x'`, 'any'],
  ["claims.`ref` == 'x'", 'any'],
  ["claims.?ref.orValue('') == 'x'", 'any'],
  ['size(claims) > 1', 'any'],
  // What only looks like it.
  ['claimsx.ref == 1', []],
  ['xclaims.ref == 1', []],
]

describe('trust/cel-claims', () => {
  for (const [source, claims, header = false] of cases)
    it(source, () => {
      const reads = readsOf(source)
      expect(reads.claims === 'any' ? 'any' : [...reads.claims]).to.deep.equal(claims)
      expect(reads.header).to.equal(header)
    })
})
