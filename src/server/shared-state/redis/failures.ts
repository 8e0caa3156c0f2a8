import { hash } from 'node:crypto'
import { RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible'
import type { Failures } from '../../accounts/failures.ts'
import { type Connection, keyOf } from './connection.ts'

type Needs = {
  connection: Connection
  /** What is counted: counters of two names have nothing to do with each other. */
  name: string
  /** 0: no limit. */
  perMinute: number
}

/** Strangers choose some of these words. */
const longestKey = 200
const points = 1

/** Of all replicas together; with Redis away of each alone. A counter that fails must not become a refusal: it fails open. */
export function createSharedFailures({ connection, name, perMinute }: Needs): Failures {
  if (perMinute === 0) return { count: async () => false }
  const limiter = new RateLimiterRedis({
    // All that the limiter asks of a client, so that its questions wait no longer than ours.
    storeClient: {
      eval: (script: string, { keys, arguments: words }: { keys: string[]; arguments: string[] }) =>
        connection.ask((redis) => redis.eval(script, keys.length, ...keys, ...words)),
    },
    useRedisPackage: true,
    keyPrefix: keyOf('failures', name),
    points: perMinute,
    duration: 60,
    insuranceLimiter: new RateLimiterMemory({ points: perMinute, duration: 60 }),
  })
  return {
    count: (key) =>
      limiter.consume(key.length > longestKey ? hash('sha256', key) : key, points).then(
        () => false,
        (over: unknown) => !(over instanceof Error),
      ),
  }
}
