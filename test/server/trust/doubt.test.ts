/** What was not kept of a token decides nothing: what hangs on it is doubtful, what does not is certain. */
import { expect } from 'chai'
import type { JsonObject } from '../../../src/protocol/json.ts'
import { isMark, mayHoldMark, redacted } from '../../../src/server/exchange/redact.ts'
import { loadCel } from '../../../src/server/trust/cel.ts'
import type { Cel } from '../../../src/server/trust/cel-program.ts'
import { type Candidate, compilePolicy } from '../../../src/server/trust/compile.ts'
import { keptOf, withoutDoubt } from '../../../src/server/trust/doubt.ts'
import type { Condition } from '../../../src/server/trust/policy.ts'

const claims: JsonObject = {
  sub: 'job',
  plain: 'x',
  secret: '[redacted]',
  long: `${'x'.repeat(512)}…`,
  within: 'a [redacted] b',
  lost: '\ufffd',
  infinite: 'Infinity',
  groups: ['a', '[redacted]', 'b'],
  clean: ['a', 'b'],
  whole: '[cut]',
  nested: { secret: '[redacted]', plain: 'y', groups: ['a', '[cut]'] },
  absent: null,
}
const equals = (claim: string, value: string | number = 'x'): Condition => ({ claim, op: 'equals', value })

const cases: [why: string, asked: Condition | string, doubts: string[], left?: number][] = [
  ['what was kept', equals('plain'), []],
  ['what the token did not have', equals('none'), []],
  ['null', equals('absent'), []],
  ['a claim that was redacted', equals('secret'), ['secret']],
  ['what stands there in its place', equals('secret', '[redacted]'), ['secret']],
  ['a claim that was cut short', equals('long'), ['long']],
  ['its beginning, too', { claim: 'long', op: 'glob', value: 'xxx*' }, ['long']],
  ['a claim of which a part was taken out', equals('within'), ['within']],
  ['what could not be written down', equals('lost'), ['lost']],
  ['a number beyond all bounds', equals('infinite'), ['infinite']],
  ['whether it is there', { claim: 'secret', op: 'exists', value: true }, ['secret']],
  ['whether it is not', { claim: 'whole', op: 'exists', value: false }, ['whole']],
  ['a list, by a member that was kept', equals('groups', 'a'), [], 0],
  ['a list, by one that was not', equals('groups', 'c'), ['groups']],
  ['whether a list is there', { claim: 'groups', op: 'exists', value: true }, []],
  ['a list that was kept', equals('clean', 'c'), []],
  ['what is within what was kept', equals('/nested/plain', 'z'), []],
  ['what is within and was not', equals('/nested/secret'), ['/nested/secret']],
  ['what is within what was cut as a whole', equals('/whole/id'), ['/whole/id']],
  ['a list within, by a member that was kept', equals('/nested/groups', 'a'), [], 0],
  ['one of several members', equals('/groups/1', 'a'), ['/groups/1']],
  ['its neighbour', equals('/groups/0', 'b'), []],
  ['an expression that does not read it', "claims.plain == 'x'", []],
  ['an expression that does', "claims.plain == 'x' || claims.secret == 'y'", ['secret']],
  ['one that reads within', "claims.nested.plain == 'y'", ['nested']],
  [
    'one that may read all',
    "claims.exists(c, c == 'y')",
    Object.keys(claims).filter((name) => !['sub', 'plain', 'clean', 'absent'].includes(name)),
  ],
  ['one that reads a header that was not kept', "header.alg == 'RS256'", ['header']],
]

describe('trust/doubt', () => {
  let cel: Cel
  before(async () => {
    cel = await loadCel()
  })
  const candidateOf = (asked: Condition | string): Candidate => {
    const own = typeof asked === 'string' ? { conditions: [], cel: asked } : { conditions: [asked], cel: null }
    const written = { id: 'tp_1', name: 'p', issuerId: 'iss_1', subject: 'job', match: 'exact', state: 'live', ...own }
    const made = compilePolicy(written as never, cel)
    if (!made.ok) throw new Error(JSON.stringify(made.faults))
    return { policy: made.policy, account: {} as never }
  }

  for (const [why, asked, doubts, left = doubts.length === 0 ? 1 : 0] of cases)
    it(`${why}: ${doubts.length === 0 ? 'certain' : 'doubtful'}`, () => {
      const found = withoutDoubt(candidateOf(asked), { claims, marked: true, hasHeader: false, isMark })
      expect([...found.doubts].sort()).to.deep.equal([...doubts].sort())
      const { policy } = found.candidate
      expect(policy.conditions.length + (policy.cel ? 1 : 0)).to.equal(left)
    })

  it('leaves as it is what nothing was taken from', () => {
    const candidate = candidateOf(equals('secret'))
    expect(withoutDoubt(candidate, { claims, marked: false, hasHeader: true, isMark }).candidate).to.equal(candidate)
  })

  it('what the trail puts in the place of something is known again, in an event as text, too', () => {
    const token = {
      api_key: 'x',
      bearer: `csk_${'0'.repeat(49)}`,
      long: 'y'.repeat(513),
      a: 'z'.repeat(512),
      n: Array.from({ length: 5000 }, () => 'many'),
    }
    const kept = redacted(token)
    const marked = Object.entries(kept).filter(([, value]) => typeof value === 'string' && isMark(value))
    expect(marked.map(([name]) => name)).to.deep.equal(['api_key', 'bearer', 'long', 'n'])
    for (const [name, value] of Object.entries(kept))
      expect(mayHoldMark(JSON.stringify({ [name]: value })), name).to.equal(name !== 'a')
  })

  it('what is left without it', () => {
    expect(keptOf(claims, isMark)).to.deep.equal({
      sub: 'job',
      plain: 'x',
      groups: ['a', 'b'],
      clean: ['a', 'b'],
      nested: { plain: 'y', groups: ['a'] },
      absent: null,
    })
  })
})
