/** What happened goes on record, now or, while storage is away, as soon as it can. */
import type { Logger } from 'pino'
import type { Deed } from '../audit/event.ts'
import { Doubtful } from '../audit/recorder.ts'
import type { Trail } from '../audit/trail.ts'

export type Recording = {
  /** Never rejects: what cannot be recorded now is kept. */
  record: (deed: Deed) => Promise<void>
  /** What storage cannot take now waits in memory; what cannot wait there either stands in the log, whole. */
  keep: (deed: Deed, cause?: unknown) => void
}

export function createRecording(trail: Pick<Trail, 'append' | 'later'>, log: Logger): Recording {
  const hold = (deed: Deed, cause: unknown): boolean => {
    if (!(cause instanceof Doubtful)) return trail.later(deed)
    // Perhaps it is on record: it must not be twice.
    cause.follow('lost', deed)
    return true
  }
  const keep = (deed: Deed, cause?: unknown) => {
    const { request_id, type, reason } = deed
    if (hold(deed, cause)) log.error({ request_id, type, reason, err: cause }, 'not on record yet')
    else log.error({ request_id, deed, err: cause }, 'will not be on record: too much waits for storage already')
  }
  const record = (deed: Deed) =>
    trail.append(deed).then(
      () => undefined,
      (cause: unknown) => keep(deed, cause),
    )
  return { record, keep }
}
