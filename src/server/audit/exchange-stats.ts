/** Exchanges by time, by reason, by issuer and by account, from what was counted. Pure. */
import { minute, type TallyGroup } from './tally.ts'

/** Times are ms. `teamIds`: of which alone; `issuer`: a URL; `accountId`: whom the token was for, or would have been. */
export type StatsAsk = {
  from: number
  to: number
  buckets: number
  teamIds?: readonly string[]
  issuer?: string
  accountId?: string
}
export type Outcomes = { granted: number; refused: number }
export type Stats = Outcomes & {
  from: number
  to: number
  bucketMs: number
  buckets: ({ at: number } & Outcomes)[]
  reasons: { reason: string; count: number }[]
  issuers: ({ issuer: string } & Outcomes)[]
  accounts: ({ id: string } & Outcomes)[]
}

/** Listed at the most, of issuers and of accounts: those with the most exchanges. */
const mostListed = 100

/** In whole minutes, which is how they are counted. */
export function boundsOf({ from, to, buckets }: Pick<StatsAsk, 'from' | 'to' | 'buckets'>) {
  const begin = Math.floor(from / minute) * minute
  const end = Math.floor(to / minute) * minute + minute
  return { from: begin, to: end, bucketMs: Math.ceil((end - begin) / buckets / minute) * minute }
}

export function gathering(ask: StatsAsk) {
  const { from, to, bucketMs } = boundsOf(ask)
  const slots = new Map<number, Outcomes>()
  const counted: TallyGroup[] = []
  const fits = ({ at, teamId, issuer, actorId }: TallyGroup) =>
    at >= from &&
    at < to &&
    (!ask.teamIds || (teamId !== null && ask.teamIds.includes(teamId))) &&
    (ask.issuer === undefined || issuer === ask.issuer) &&
    (ask.accountId === undefined || actorId === ask.accountId)

  return {
    add(groups: readonly TallyGroup[]): void {
      for (const group of groups) if (fits(group)) counted.push(group)
    },
    /** `reached`: ms, behind which not all was looked at. */
    stats(reached = from): Stats {
      const begin = Math.max(from, Math.ceil(reached / minute) * minute)
      const [reasons, issuers, accounts] = [
        new Map<string, Outcomes>(),
        new Map<string, Outcomes>(),
        new Map<string, Outcomes>(),
      ]
      const all: Outcomes = { granted: 0, refused: 0 }
      for (let at = begin; at < to; at = from + (Math.floor((at - from) / bucketMs) + 1) * bucketMs)
        slots.set(Math.floor((at - from) / bucketMs), { granted: 0, refused: 0 })
      for (const { at, granted, reason, issuer, actorId, count } of counted) {
        if (at < begin) continue
        const outcome = granted ? 'granted' : 'refused'
        const into = (map: Map<string, Outcomes>, key: string | null) => {
          if (key === null) return
          const one = map.get(key) ?? { granted: 0, refused: 0 }
          one[outcome] += count
          map.set(key, one)
        }
        all[outcome] += count
        const slot = slots.get(Math.floor((at - from) / bucketMs))
        if (slot) slot[outcome] += count
        into(reasons, reason)
        into(issuers, issuer)
        into(accounts, actorId?.startsWith('sa_') ? actorId : null)
      }
      return {
        from: begin,
        to,
        bucketMs,
        ...all,
        buckets: [...slots].map(([n, slot]) => ({ at: Math.max(begin, from + n * bucketMs), ...slot })),
        reasons: ranked(reasons).map(([reason, { refused }]) => ({ reason, count: refused })),
        issuers: ranked(issuers)
          .slice(0, mostListed)
          .map(([issuer, one]) => ({ issuer, ...one })),
        accounts: ranked(accounts)
          .slice(0, mostListed)
          .map(([id, one]) => ({ id, ...one })),
      }
    },
  }
}

/** The most first. */
const ranked = (map: ReadonlyMap<string, Outcomes>) =>
  [...map].sort(([a, one], [b, other]) => total(other) - total(one) || (a < b ? -1 : 1))
const total = ({ granted, refused }: Outcomes) => granted + refused
