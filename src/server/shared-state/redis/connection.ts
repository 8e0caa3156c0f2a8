/**
 * What replicas tell each other, in Redis.
 * Rules of this room: Redis is never the truth, and may be slow, gone or emptied at any moment: nobody waits longer for
 * it than its time, nothing is believed that could not be forged by whoever writes there, and what it does not say the
 * database does. Each command names one key, below one prefix, so that a cluster and a shared server will do.
 */
import type { RedisCommander } from 'ioredis'
import { type Client, connectTime, openClient, type RedisAddresses } from './client.ts'

export type { RedisAddresses } from './client.ts'

/** Redis has no answer now. The only error of `ask`; why is its cause. */
export class RedisAway extends Error {
  override readonly name = 'RedisAway'
}

export type Connection = {
  /** What `work` asks of Redis (commands only). Throws RedisAway: after `ms` at the latest, at once while Redis is away. */
  ask<T>(work: (redis: RedisCommander) => Promise<T>, ms?: number): Promise<T>
  /** Asks. Never throws, and takes no longer than any ask. */
  state(): Promise<'ok' | 'unavailable'>
  /** Another connection to the same Redis, for asks that block. Whoever opens it closes it. */
  another(): Promise<Connection>
  close(): void
}

export const keyOf = (...words: readonly string[]): string => ['countersign', ...words].join(':')

/** ms. How long an ask may take; and how long nobody asks after one went without an answer. */
const askTime = 250
const quietTime = 1_000
/** ms between two reports of a refusal. */
const reportRest = 60_000

type Options = {
  /** Hears why: once of each time that Redis goes away, and once a minute of what it refuses, which it may go on to do. */
  report?: (error: RedisAway) => void
}

/** Comes back when Redis has greeted, or could have by now: then it is tried again in the background. Never throws. */
export async function openRedis(addresses: RedisAddresses, { report = () => {} }: Options = {}): Promise<Connection> {
  let greeted = () => {}
  const greeting = new Promise<void>((resolve) => {
    greeted = resolve
  })
  const patience = setTimeout(greeted, connectTime)
  /** Until when nobody asks; then one does, and the others wait for what comes of it. */
  let quietUntil = 0
  let isTried = false
  let isWell = true
  /** The last ask went without an answer, although there was a connection. */
  let isSilent = false
  let isClosed = false
  /** Why the last try to connect failed: more telling than that there is no connection. */
  let lastFailure: Error | undefined
  let client = open()

  function open(): Client {
    const opened: Client = openClient(addresses, {
      ready() {
        greeted()
        lastFailure = undefined
        // It was not there, and is there now: worth a try before its time. One that was silent has to wait.
        if (opened === client && !isSilent) quietUntil = 0
      },
      failed(error) {
        lastFailure = error
      },
    })
    return opened
  }

  function away(cause: unknown, silent: boolean): RedisAway {
    const error = new RedisAway('Redis has no answer', { cause: bare(silent ? cause : (lastFailure ?? cause)) })
    quietUntil = performance.now() + quietTime
    isSilent = silent
    if (isWell) report(error)
    isWell = false
    return error
  }

  let reportAgain = 0
  function refused(cause: unknown): RedisAway {
    const error = new RedisAway('Redis refused', { cause: bare(cause) })
    if (performance.now() >= reportAgain) {
      reportAgain = performance.now() + reportRest
      report(error)
    }
    return error
  }

  async function ask<T>(work: (redis: RedisCommander) => Promise<T>, ms = askTime): Promise<T> {
    if (isClosed || isTried || performance.now() < quietUntil) throw new RedisAway('Redis is away')
    const asked = client
    const isTry = !isWell
    isTried = isTry
    try {
      const answer = await within(ms, work(asked.commands))
      isWell = true
      isSilent = false
      return answer
    } catch (error) {
      if (isReply(error)) throw refused(error)
      // Of many that were under way, the first says it: the others were asked of what has been replaced since.
      if (asked !== client || isClosed) throw new RedisAway('Redis is away')
      const silent = error instanceof Silence
      if (silent || asked.isOver()) {
        asked.close()
        client = open()
      }
      throw away(error, silent)
    } finally {
      if (isTry) isTried = false
    }
  }

  await greeting
  clearTimeout(patience)
  return {
    ask,
    state: () =>
      ask((redis) => redis.ping()).then(
        () => 'ok',
        () => 'unavailable',
      ),
    another: () => openRedis(addresses, { report }),
    close() {
      isClosed = true
      client.close()
    },
  }
}

class Silence extends Error {
  override readonly name = 'Silence'
}

function within<T>(ms: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const give = () => reject(new Silence(`no answer within ${ms} ms`))
    // When this process was held up, the answer may lie there unread: one look before it is given up.
    const timer = setTimeout(() => setImmediate(() => setImmediate(give)), ms)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

/** What Redis itself says no with, such as OOM or LOADING: it is there. */
const isReply = (error: unknown) => error instanceof Error && error.name === 'ReplyError'

/** What it says, without what was asked: ioredis keeps that beside an error, the password of AUTH too, and Redis repeats it. */
function bare(error: unknown): Error {
  if (error instanceof Silence) return error
  const { message, code = 'no connection', lastNodeError } = error as Error & { code?: string; lastNodeError?: Error }
  const why = lastNodeError ? ` (${bare(lastNodeError).message})` : ''
  return new Error(message.replace(/,? with args beginning with.*/s, '').concat(why) || code)
}
