/**
 * What came of each fetch is written down behind it.
 * Rules: whoever fetches never waits for it; what cannot be written is reported, waits here and is tried again; so many
 * wait, and when one more comes the oldest goes, which is reported too.
 */
import { hash } from 'node:crypto'
import { setImmediate as soon } from 'node:timers/promises'
import type { Cancel } from './key-entries.ts'
import type { KeySet } from './key-set.ts'
import type { IssuerFetch } from './store.ts'
import type { Tell, ToldFetch } from './told-fetch.ts'

export type FetchLog = {
  tell: Tell
  /** Resolves when what was told before is written, or could not be. Never rejects. */
  settled(): Promise<void>
  /** What waits is tried once more. Never rejects. */
  close(): Promise<void>
}

type Needs = {
  /** Durable when it resolves, all of them or none. */
  keep(fetches: readonly IssuerFetch[]): Promise<void>
  report(error: unknown): void
  after(ms: number, work: () => void): Cancel
}

/** In one transaction: an exchange that has something to write waits for one such at the most. */
const atOnce = 10
const mostWaiting = 1_000
/** ms. */
const pause = 5_000

export function createFetchLog({ keep, report, after }: Needs): FetchLog {
  const waiting: ToldFetch[] = []
  let underWay: Promise<void> | undefined
  let isAway = false
  let isClosed = false
  let cancel: Cancel | undefined

  /** False when the rest has to wait. */
  async function writeSome(): Promise<boolean> {
    const some = waiting.splice(0, atOnce)
    try {
      await keep(some.map(fetchOf))
      isAway = false
      return true
    } catch (error) {
      // Once, however often it is tried.
      if (!isAway) report(error)
      isAway = true
      waiting.unshift(...some)
      return false
    }
  }
  async function writeAll(): Promise<void> {
    await soon()
    while (waiting.length > 0) if (!(await writeSome())) return
  }
  function start(): Promise<void> {
    cancel?.()
    cancel = undefined
    underWay ??= writeAll().finally(() => {
      underWay = undefined
      if (waiting.length === 0) return
      if (isAway) cancel = after(pause, () => void start())
      else void start()
    })
    return underWay
  }

  return {
    tell(fetch) {
      // What ends now was cut short by us.
      if (isClosed) return
      waiting.push(fetch)
      if (waiting.length > mostWaiting) {
        const lost = waiting.shift()
        report(new Error(`the fetch of issuer ${lost?.issuerId} at ${lost?.at} will not be in its history`))
      }
      // While the storage is away its turn comes by itself.
      if (!cancel) void start()
    },
    settled: async () => underWay,
    async close() {
      isClosed = true
      await underWay
      await start()
      cancel?.()
      if (waiting.length > 0) report(new Error(`${waiting.length} fetches will not be in the history of their issuers`))
    },
  }
}

const fetchOf = ({ set, message, ...fetch }: ToldFetch): IssuerFetch => ({
  ...fetch,
  ok: set !== undefined,
  message,
  keys: set?.keys.length ?? 0,
  digest: set ? digestOf(set) : null,
})

/** The same for the same keys under the same names, in whatever order. Hex SHA-256. */
function digestOf({ keys }: KeySet): string {
  const each = keys.map(({ kid, key }) => JSON.stringify([kid ?? null, key.export({ format: 'jwk' })]))
  return hash('sha256', each.sort().join('\n'))
}
