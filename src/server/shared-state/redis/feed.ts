/**
 * The change feed: what others must forget, and which tokens are dead.
 * Entries are hints: one may be lost while Redis is away, and is then in the database all the same. They come in order,
 * from where one left off, after a failure some of them twice; whoever cannot tell what was missed looks at everything anew.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Connection, keyOf, RedisAway } from './connection.ts'
import { type FeedEntry, parseEntry, writeEntry } from './feed-entry.ts'
import type { Stamp } from './stamp.ts'

export type { FeedEntry } from './feed-entry.ts'

export type Feed = {
  /** Never throws, and takes no longer than any ask of Redis. */
  publish(entry: FeedEntry): Promise<void>
  start(): void
  /** Nothing is heard after it. */
  close(): Promise<void>
}

type Needs = {
  connection: Connection
  stamp: Stamp
  /** Of this replica, which does not hear itself. Another one at each start. */
  replicaId: string
  hear(entry: FeedEntry): void
  /** What was said may have been missed, at the start too: everything has to be looked at anew. Tried again when it throws. */
  resync(): Promise<void>
  report(error: unknown): void
}

const key = keyOf('changes')
/** So many entries are kept, or a few more. */
const mostKept = 10_000
const mostRead = 1_000
/** ms. A read waits so long for an entry; nobody answering for longer than `readTime` is a dead connection. */
const blockTime = 500
const readTime = 1_000
/** ms between tries while Redis is away, and between those of a resync that failed. */
const retryTime = 100
const resyncRest = 1_000

export function createFeed({ connection, stamp, replicaId, hear, resync, report }: Needs): Feed {
  let isClosed = false
  let line: Connection | undefined
  let running: Promise<void> | undefined
  const resyncing = createResyncing(resync, report)

  const append = (by: Connection, entry: FeedEntry | undefined) =>
    by.ask((redis) => redis.xadd(key, 'MAXLEN', '~', mostKept, '*', 'entry', writeEntry(stamp, replicaId, entry)))
  const holds = async (by: Connection, id: string) => (await by.ask((redis) => redis.xrange(key, id, id))).length > 0

  async function run(): Promise<void> {
    const ours = await connection.another()
    line = ours
    /** The last entry that was heard, or one of our own: while the stream holds it, none after it was lost. */
    let at: string | undefined
    let isDoubtful = false
    while (!isClosed) {
      try {
        if (at === undefined || (isDoubtful && !(await holds(ours, at)))) {
          // A greeting that nobody minds: a place in the stream, from before all is looked at anew.
          at = (await append(ours, undefined)) ?? undefined
          resyncing.owe()
        }
        isDoubtful = false
        resyncing.pay()
        if (at !== undefined) at = await listen(ours, at)
      } catch (error) {
        isDoubtful = true
        if (!(error instanceof RedisAway)) report(error)
        await sleep(retryTime)
      }
    }
  }

  /** Hears what comes after `at`. Where to go on from; undefined when some of it may be gone. */
  async function listen(by: Connection, at: string): Promise<string | undefined> {
    const answer = await by.ask(
      (redis) => redis.xread('COUNT', mostRead, 'BLOCK', blockTime, 'STREAMS', key, at),
      readTime,
    )
    const entries = answer?.[0]?.[1] ?? []
    for (const [id, fields] of entries) {
      if (isClosed) break
      heard(id, fields)
    }
    // Asked after the read: what was there now was there then. The stream is cut from its old end.
    if (!(await holds(by, at))) return undefined
    return entries.at(-1)?.[0] ?? at
  }

  function heard(id: string, fields: string[]): void {
    try {
      const { from, entry } = parseEntry(stamp, fields[1] ?? '')
      if (from !== replicaId && entry) hear(entry)
    } catch (error) {
      report(new Error(`entry ${id} of the change feed was skipped`, { cause: error }))
    }
  }

  return {
    async publish(entry) {
      // The connection has told that Redis is away; the others find the change in the database.
      await append(connection, entry).catch((error) => {
        if (!(error instanceof RedisAway)) report(error)
      })
    },
    start() {
      running ??= run()
    },
    async close() {
      isClosed = true
      line?.close()
      await running
      line?.close()
      await resyncing.ended()
    },
  }
}

/** One resync at a time; what is owed while one is under way is another. */
function createResyncing(resync: () => Promise<void>, report: (error: unknown) => void) {
  let isOwed = false
  let notBefore = 0
  let running: Promise<void> | undefined
  return {
    owe() {
      isOwed = true
    },
    pay() {
      if (!isOwed || running || performance.now() < notBefore) return
      isOwed = false
      running = Promise.resolve()
        .then(resync)
        .catch((error) => {
          report(error)
          isOwed = true
          notBefore = performance.now() + resyncRest
        })
        .finally(() => {
          running = undefined
        })
    },
    ended: async () => running,
  }
}
