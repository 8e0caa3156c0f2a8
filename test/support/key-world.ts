/** The cache of keys with a provider whose answers are told beforehand, a clock that stands still, and its timers. */
import type { FetchedKeys, FetchKeys } from '../../src/server/issuers/discovery.ts'
import { takeKeySet } from '../../src/server/issuers/key-set.ts'
import { createKeys, type Keys } from '../../src/server/issuers/keys.ts'
import type { JwkSet } from '../../src/server/issuers/model.ts'
import { Unreachable } from '../../src/server/issuers/outbound.ts'
import type { SharedKeySets } from '../../src/server/issuers/store.ts'
import type { ToldFetch } from '../../src/server/issuers/told-fetch.ts'
import { generateKey } from './identity-provider.ts'
import { registrationOf } from './registrations.ts'

export const second = 1_000
export const minute = 60 * second
export const hour = 60 * minute
export const a = generateKey('ES256')
export const b = generateKey('ES256')
export const c = generateKey('ES256')
export const registration = registrationOf()

/** How many keys there are to try for this key's kid. */
export const found = async (keys: Keys, { kid }: { kid: string }, of = registration) =>
  (await keys.find(of, kid, 'ES256')).length

export function keyWorld() {
  let now = 1_700_000_000_000
  let answer: { keys: { jwk: object }[]; freshFor?: number } | Error = { keys: [a] }
  let gate: Promise<void> | undefined
  const planned = new Set<{ at: number; work: () => void }>()
  const reports: unknown[] = []
  const stats = { fetches: 0 }
  const told: ToldFetch[] = []

  const fetchKeys: FetchKeys = async () => {
    stats.fetches++
    // What it said when it was asked, however long that takes to arrive.
    const said = answer
    await gate
    if (said instanceof Error) throw said
    const jwks = { keys: said.keys.map(({ jwk }) => jwk) } as unknown as JwkSet
    const taken = takeKeySet(jwks, { uploaded: false })
    if (!taken.ok) throw new Unreachable('keys', taken.why)
    return { set: taken.set, jwks, freshFor: said.freshFor } satisfies FetchedKeys
  }
  const after = (ms: number, work: () => void) => {
    const plan = { at: now + ms, work }
    planned.add(plan)
    return () => void planned.delete(plan)
  }
  const settled = () => new Promise<void>((resolve) => setImmediate(resolve))
  return {
    stats,
    told,
    reports,
    planned,
    clock: () => now,
    says(keys: { jwk: object }[], freshFor?: number) {
      answer = { keys, ...(freshFor !== undefined && { freshFor }) }
    },
    fails(error: Error = new Unreachable('jwks', 'answered with status 500 instead of 200')) {
      answer = error
    },
    holds() {
      let open = () => {}
      gate = new Promise((resolve) => {
        open = resolve
      })
      return async () => {
        gate = undefined
        open()
        await settled()
      }
    },
    /** Holds nobody who asks from now on; who is held stays so. */
    holdsNoMore() {
      gate = undefined
    },
    settled,
    /** Lets time pass without a timer. */
    jump(ms: number) {
      now += ms
    },
    /** Lets time pass; timers ring on their way. */
    async pass(ms: number) {
      const end = now + ms
      for (;;) {
        const [next] = [...planned].filter(({ at }) => at <= end).sort((one, other) => one.at - other.at)
        if (!next) break
        now = Math.max(now, next.at)
        planned.delete(next)
        next.work()
        await settled()
      }
      now = end
    },
    keys(shared?: SharedKeySets, maxEntries = 100) {
      const report = (error: unknown) => void reports.push(error)
      const tell = (fetch: ToldFetch) => void told.push(fetch)
      return createKeys({ fetchKeys, clock: () => now, after, report, tell, maxEntries, ...(shared && { shared }) })
    },
  }
}
