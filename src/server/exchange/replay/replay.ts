/**
 * What a change of trust policies would have made of the exchanges on record: who would gain, who would lose.
 * Rules: judged by the exchange's own match, at the time of each exchange, against the policies as they are now without and
 * with the change; only tokens that were proven count; what was not kept of a token is never guessed at; only events that
 * the caller may read are looked at; nothing is changed, and nobody else waits.
 */

import type { Entry, TrailStore } from '../../audit/store.ts'
import { Refusal } from '../../errors/refusal.ts'
import type { Registration } from '../../issuers/model.ts'
import type { Candidate } from '../../trust/compile.ts'
import type { Stopwatch } from '../../trust/match.ts'
import type { CandidateAccount } from '../../trust/policy.ts'
import { createJudging } from './judging.ts'
import { type Recorded, recordedOf } from './recorded.ts'
import { createTally, type Tally } from './tally.ts'
import { newestFirst, turn } from './walk.ts'

/** Every policy of the registration that the subject fits, as they are now. */
export type FindCandidates = (registrationId: string, subject: string) => Promise<readonly Candidate[]>
/** One policy without and with the change: neither is there before it is made, nor after it is deleted. */
export type Change = { before?: Candidate; after?: Candidate }
export type ReplayAsk = {
  orgId: string
  changes: readonly Change[]
  /** Those of the policies, before and after. */
  registrations: readonly Pick<Registration, 'id' | 'issuer' | 'audiences'>[]
  days: number
  /** The teams whose events the caller may read (access/authority.ts). */
  sight: 'all' | readonly string[]
}
/** `from`, `to`: ms, what was looked at; `truncated`: there would have been more. `exchanges`: of those registrations. */
export type Replayed = Tally & {
  days: number
  from: number
  to: number
  exchanges: number
  truncated: boolean
  sight: 'organization' | 'teams'
}
/** Throws Refusal('too_many_replays'). */
export type Replay = (ask: ReplayAsk) => Promise<Replayed>

type Needs = {
  trail: { first: Pick<TrailStore, 'list'>; rest: Pick<TrailStore, 'list'> }
  /** Asked anew for each replay. */
  candidates: () => FindCandidates
  now: () => number
  stopwatch: Stopwatch
  limits?: Partial<typeof usual>
}

/** `events`: looked at in one replay; `time`: ms that it may take; `atOnce`: replays of one organization, and of all. */
const usual = { events: 500_000, time: 30_000, atOnce: 2, atOnceOfAll: 8 }
/** ms of work, after which others have their turn. */
const stint = 4
const day = 86_400_000

export function createReplay({ trail, candidates, now, stopwatch, limits }: Needs): Replay {
  const { events: mostEvents, time: mostTime, atOnce, atOnceOfAll } = { ...usual, ...limits }
  const running: string[] = []

  async function replayed({ orgId, changes, registrations, days, sight }: ReplayAsk): Promise<Replayed> {
    const to = now()
    const started = stopwatch()
    const from = to - days * day
    let [looked, exchanges, reached] = [0, 0, to]
    let truncated = false
    const isSeen = (teamId: string | null) => sight === 'all' || (teamId !== null && sight.includes(teamId))
    const tally = createTally(({ teamId }: CandidateAccount) => isSeen(teamId))
    const judge = createJudging({ changes, candidates: candidates(), orgId, stopwatch, tally })
    const texts = registrations.map(({ issuer }) => JSON.stringify(issuer))
    const concerns = ({ teamId, body }: Entry) => isSeen(teamId) && texts.some((text) => body.includes(text))

    for await (const entries of newestFirst(trail, orgId, from)) {
      let since = stopwatch()
      for (const entry of entries) {
        if (looked === mostEvents || stopwatch() - started > mostTime) {
          truncated = true
          break
        }
        looked += 1
        reached = entry.at
        const recorded = concerns(entry) ? recordedOf(entry) : undefined
        const registration = recorded && registrations.find((one) => isOf(recorded, one))
        if (!recorded || !registration) continue
        exchanges += 1
        await judge(recorded, registration.id)
        if (stopwatch() - since < stint) continue
        await turn()
        since = stopwatch()
      }
      if (truncated) break
    }
    const seen = sight === 'all' ? 'organization' : 'teams'
    return { ...tally.tally(), days, from: truncated ? reached : from, to, exchanges, truncated, sight: seen }
  }

  return async (ask) => {
    const own = running.filter((orgId) => orgId === ask.orgId)
    if (own.length >= atOnce || running.length >= atOnceOfAll) throw new Refusal('too_many_replays')
    running.push(ask.orgId)
    try {
      return await replayed(ask)
    } finally {
      running.splice(running.indexOf(ask.orgId), 1)
    }
  }
}

/** The pair of issuer and audience is one registration's. */
const isOf = (recorded: Recorded, { issuer, audiences }: ReplayAsk['registrations'][number]) =>
  recorded.issuer === issuer && recorded.audiences.some((audience) => audiences.includes(audience))
