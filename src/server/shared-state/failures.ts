import { RateLimiterMemory } from 'rate-limiter-flexible'
import type { Failures } from '../accounts/failures.ts'

/** In this process. `perMinute` 0: no limit. A counter that fails must not become a refusal, so it fails open. */
export function createFailures(perMinute: number): Failures {
  if (perMinute === 0) return { count: async () => false }
  const limiter = new RateLimiterMemory({ points: perMinute, duration: 60 })
  return {
    count: (key) =>
      limiter.consume(key).then(
        () => false,
        (over: unknown) => !(over instanceof Error),
      ),
  }
}
