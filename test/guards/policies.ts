/** What a trust policy asks, and what never grants. */
import type { Guard } from './guards.ts'

const match = { file: 'src/server/trust/match.ts', test: 'test/server/trust/match.test.ts' }
const condition = { file: 'src/server/trust/condition.ts', test: 'test/server/trust/match.test.ts' }
const glob = { file: 'src/server/trust/glob.ts', test: 'test/server/trust/glob.test.ts' }
const contracts = 'test/contracts/lookups.test.ts'

export const policyGuards: readonly Guard[] = [
  { line: 'every condition is asked', ...match, cut: 'if (condition.holds(subject.claims)) continue', put: 'continue' },
  { line: 'an expression is asked', ...match, cut: 'if (!cel) return true', put: 'return true' },
  { line: 'only true grants', ...match, cut: "if (outcome === 'true') return true", put: 'return true' },
  {
    line: 'a draft never grants',
    ...match,
    cut: "fitting.filter(({ policy }) => policy.state === 'live')",
    put: 'fitting',
  },
  {
    line: 'a policy that had no time to be judged may fit',
    ...match,
    cut: 'if (isLate || others',
    put: 'if (others',
  },
  {
    line: 'a subject is asked again after the look-up',
    ...match,
    cut: "else if (!policy.fitsSubject(subject.subject)) trial.miss = 'sub'",
  },
  {
    line: 'a policy of a kind that is not known fits nobody',
    file: 'src/server/trust/compile.ts',
    cut: "return match === 'glob' ? compileGlob(subject) : () => false",
    put: 'return compileGlob(subject)',
    test: match.test,
  },
  {
    line: 'kinds are never coerced',
    ...condition,
    cut: 'member === condition.value && isExact(member)',
    put: 'String(member) === String(condition.value)',
  },
  { line: 'an empty list is nothing', ...condition, cut: 'anyOf(() => true)', put: '(claim) => claim !== undefined' },
  {
    line: 'what every object has by nature is no claim',
    file: 'src/server/trust/claim.ts',
    cut: 'Object.hasOwn(claims, name as string) ? (claims[name as string] ?? undefined) : undefined',
    put: '(claims[name as string] ?? undefined)',
    test: match.test,
  },
  {
    line: 'a glob is anchored at its beginning',
    ...glob,
    cut: 'let from = first.at(text, 0)',
    put: 'let from = first.find(text, 0)',
  },
  {
    line: 'a glob is anchored at its end',
    ...glob,
    cut: 'return last.endsIn(text, from)',
    put: 'return last.find(text, from) >= 0',
  },
  {
    line: 'a glob counts no character twice',
    ...glob,
    cut: 'text.length - piece.length >= from && text.endsWith(piece)',
    put: 'text.endsWith(piece)',
  },
  {
    line: 'what asks for more is not exact to a replica of the version before',
    file: 'src/server/storage/nouns.ts',
    cut: "? 'exact_if' : match",
    put: '? match : match',
    test: contracts,
  },
  {
    line: 'every policy that may fit is asked',
    file: 'src/server/trust/narrow.ts',
    cut: ', ...others]',
    put: ']',
    test: 'test/server/trust/narrow.test.ts',
  },
  {
    line: 'what is not asked any more ends what was handed out under it',
    file: 'src/server/admin/nouns.ts',
    cut: 'JSON.stringify([issuerId, subject, match, conditions, cel, state])',
    put: 'JSON.stringify([issuerId, subject])',
    test: 'test/journeys/policies.test.ts',
  },
  {
    line: 'a policy that cannot be compiled is not kept',
    file: 'src/server/admin/policies.ts',
    cut: 'if (!made.ok) throw',
    put: 'if (!made.ok && false) throw',
    test: 'test/journeys/policies.test.ts',
  },
]
