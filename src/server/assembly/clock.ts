/**
 * What time it is. Alone, that is this machine's affair. Of several processes each may be on a machine whose clock is
 * wrong, and who revokes on one ends what was minted on another by its date: they all go by the clock of their database.
 * Rules of this file: a clock that is right within a quarter of a second is left alone; one that is not is corrected
 * within a second, and the log says so.
 */
import type { Logger } from 'pino'
import type { Storage } from '../storage/storage.ts'

export type Clock = {
  /** ms since 1970. */
  now: () => number
  /** Resolves when it is known. Rejects with StorageUnavailable. */
  start(): Promise<void>
  close(): void
}

type Needs = {
  storage: Pick<Storage, 'clock'>
  log: Pick<Logger, 'warn'>
  /** This machine's. */
  own?: () => number
  /** ms between two looks. */
  every?: number
}

/** ms. */
const tolerated = 250
/** ms by which it has to be off otherwise before that is said again. */
const worthSaying = 1_000

export function createClock({ storage, log, own = () => Date.now(), every = 1_000 }: Needs): Clock {
  /** What is added to our own. */
  let correction = 0
  let said = 0
  let timer: NodeJS.Timeout | undefined
  let looking = false

  async function load(): Promise<void> {
    if (!storage.clock) return
    const asked = own()
    const theirs = await storage.clock()
    const answered = own()
    // It was read at some moment between the two, unless ours was set meanwhile: then the next look says more.
    const unsure = Math.abs(answered - asked) / 2
    const off = Math.round((asked + answered) / 2 - theirs)
    correction = Math.abs(off) <= tolerated + unsure ? 0 : -off
    if (Math.abs(-correction - said) < worthSaying) return
    said = -correction
    if (said === 0) log.warn('the clock of this machine is right again')
    else
      log.warn({ off_ms: said }, 'the clock of this machine differs from that of the database, which is used: mend it')
  }

  return {
    now: () => own() + correction,
    async start() {
      await load()
      if (!storage.clock) return
      timer = setInterval(() => {
        if (looking) return
        looking = true
        // While the database is away nothing is minted, and others say so.
        load()
          .catch(() => {})
          .finally(() => {
            looking = false
          })
      }, every)
      timer.unref()
    },
    close: () => clearInterval(timer),
  }
}
