import type { Deed } from '../audit/event.ts'
import type { Trail } from '../audit/trail.ts'

export type OnRecord = {
  /** What storage cannot take now waits in memory; what cannot wait there either stands in the log, whole. */
  keep: (deed: Deed, cause?: unknown) => void
  /** On record when it resolves, or kept. */
  record: (deed: Deed) => Promise<void>
}

type Log = { error(fields: object, message: string): void }

export function createOnRecord(trail: Pick<Trail, 'append' | 'later'>, log: Log): OnRecord {
  const keep = (deed: Deed, cause?: unknown) => {
    const { request_id, type, reason } = deed
    if (trail.later(deed)) log.error({ request_id, type, reason, err: cause }, 'not on record yet')
    else log.error({ request_id, deed, err: cause }, 'will not be on record: too much waits for storage already')
  }
  const record = (deed: Deed) =>
    trail.append(deed).then(
      () => undefined,
      (cause: unknown) => keep(deed, cause),
    )
  return { keep, record }
}
