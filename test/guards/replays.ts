/** What a policy that is tried on what is on record may see and say. */
import type { Guard } from './guards.ts'

const journey = 'test/journeys/replay.test.ts'
const suggesting = { file: 'src/server/exchange/replay/suggest.ts', test: 'test/journeys/suggest.test.ts' }
const replay = { file: 'src/server/exchange/replay/replay.ts', test: 'test/server/exchange/replay/replay.test.ts' }
const recorded = { ...replay, file: 'src/server/exchange/replay/recorded.ts' }
const doubt = { file: 'src/server/trust/doubt.ts', test: 'test/server/trust/doubt.test.ts' }

export const replayGuards: readonly Guard[] = [
  { line: 'a replay believes tokens that were proven alone', ...recorded, cut: 'if (!isProven) return undefined' },
  {
    line: 'of a refusal behind the match it knows whose it was',
    ...recorded,
    cut: "(behindMatch.has(reason ?? '') && actorId)",
    put: "behindMatch.has(reason ?? '')",
  },
  { line: 'a replay reads no event that its caller may not', ...replay, cut: 'isSeen(teamId) && texts', put: 'texts' },
  {
    line: 'a replay names no account that its caller may not know',
    file: 'src/server/exchange/replay/tally.ts',
    cut: 'isSeen(account) ? `${account.team}/${account.name}` : null',
    put: '`${account.team}/${account.name}`',
    test: journey,
  },
  {
    line: 'a replay is of the registration that the token named',
    ...replay,
    cut: 'recorded.audiences.some((audience) => audiences.includes(audience))',
    put: 'audiences.length > 0',
  },
  { line: 'so many replays of an organization run at once', ...replay, cut: 'own.length >= atOnce || ' },
  { line: 'so many replays of all run at once', ...replay, cut: ' || running.length >= atOnceOfAll' },
  { line: 'a replay looks at so many events', ...replay, cut: 'looked === mostEvents || ' },
  { line: 'a replay takes so long', ...replay, cut: ' || stopwatch() - started > mostTime' },
  {
    line: 'a replay gives others their turn',
    file: 'src/server/exchange/replay/walk.ts',
    cut: '    await turn()\n',
    test: replay.test,
  },
  {
    line: 'a replay remembers so many subjects',
    file: 'src/server/exchange/replay/tally.ts',
    cut: '.slice(0, mostShown)',
    test: replay.test,
  },
  {
    line: 'whom the workload asked for is on record',
    file: 'src/server/exchange/detail.ts',
    cut: 'if (asked !== undefined) detail.requested_service_account = redactedText(asked, longestAccount)',
    test: journey,
  },
  {
    line: 'a claim that was not kept is not guessed at',
    ...doubt,
    cut: "if (found === 'mark') return 'unknown'",
    put: "if (found === 'mark') return 'asked'",
  },
  {
    line: 'a list of which a part was not kept is not guessed at',
    ...doubt,
    cut: "return condition.holds(placed(parsed.path, rest)) ? 'holds' : 'unknown'",
    put: "return 'asked'",
  },
  {
    line: 'an expression that reads what was not kept is not asked',
    ...doubt,
    cut: 'for (const claim of unread) doubts.add(claim)',
  },
  {
    line: 'an expression may read claims by what it calls on them',
    file: 'src/server/trust/cel-claims.ts',
    cut: String.raw`(?!\w)(?!\s*\()`,
    test: 'test/server/trust/cel-claims.test.ts',
  },
  {
    line: 'what may have been changed as it was kept is known',
    file: 'src/server/exchange/redact.ts',
    cut: "kept.includes('[redacted]') ||\n",
    test: doubt.test,
  },
  {
    line: 'nothing is suggested from an event that its caller may not read',
    ...suggesting,
    file: 'src/server/exchange/on-record.ts',
    cut: 'teams.includes(teamId)',
    put: 'true',
  },
  {
    line: 'what was not kept is not pinned',
    ...suggesting,
    cut: 'recorded.marked ? keptOf(claims, isMark) : claims',
    put: 'claims',
  },
  {
    line: 'what is suggested is proven',
    ...suggesting,
    cut: "if (decision.outcome === 'refused') throw nothing(missOf(decision.trials[0]?.miss, recorded))",
  },
  {
    line: 'nothing is suggested that would be ambiguous',
    ...suggesting,
    cut: 'refuseGranted(await outcomeOf(all, recorded, at, stopwatch), account, sight)',
  },
  {
    line: 'what passes with the run is not pinned',
    file: 'src/server/trust/narrowest.ts',
    cut: 'if (!isId.test(name) || isPassing.test(whole)) return []',
    put: 'if (!isId.test(name)) return []',
    test: 'test/server/trust/narrowest.test.ts',
  },
]
