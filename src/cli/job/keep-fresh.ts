import type { AccessToken, TokenProvider } from '../../client/token-provider.ts'
import { complaintOf } from '../complaint.ts'

type Needs = {
  now(): number
  write(token: string): void
  note(line: string): void
}

/** ms between tries that failed: doubled each time, up to the second. */
const firstPause = 5_000
const longestPause = 60_000
/** ms that the end may take. */
const farewell = 2_000

/** Has a new token written before each ends. A failure is told once, and tried again: the command is not our business. */
export function keepFresh(provider: TokenProvider, first: AccessToken, { now, write, note }: Needs) {
  let timer: NodeJS.Timeout | undefined
  let isStopped = false
  let failures = 0
  let isTold = false

  const at = (ms: number) => {
    // What is further away than a timer can wait is looked at again then.
    timer = setTimeout(renew, Math.max(0, Math.min(ms, 2_000_000_000))).unref()
  }
  const told = (error: unknown, until: number) => {
    if (isStopped || isTold) return
    isTold = true
    const left = Math.round((until - now()) / 1000)
    const still = left > 0 ? `the one in hand serves for another ${left} s` : 'the one in hand has ended'
    note(`no new token (${complaintOf(error).line}): ${still}, and it is tried again`)
  }
  let expiry = first.expiresAt.getTime()
  const unhear = provider.on('refreshFailed', ({ error }) => told(error, expiry))

  async function renew() {
    try {
      const token = await provider.getToken({ forceRefresh: true })
      if (isStopped) return
      write(token.token)
      expiry = token.expiresAt.getTime()
      if (isTold) note('a new token is there')
      isTold = false
      failures = 0
      at(token.refreshAt.getTime() - now())
    } catch (error) {
      if (isStopped) return
      told(error, expiry)
      // Whom the service has sent away until later, it does not see before.
      const wanted = ((error as { retryAfter?: number }).retryAfter ?? 0) * 1000
      at(Math.max(Math.min(firstPause * 2 ** Math.min(failures++, 10), longestPause), wanted))
    }
  }
  at(first.refreshAt.getTime() - now())

  return {
    stop() {
      isStopped = true
      clearTimeout(timer)
      unhear()
    },
    patience: () => new Promise<void>((resolve) => setTimeout(resolve, farewell).unref()),
  }
}
