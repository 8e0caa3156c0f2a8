import { StorageUnavailable } from '../errors/refusal.ts'

/** `urgent`: an exchange waits for it. `ordinary`: everything else. */
export type Urgency = 'urgent' | 'ordinary'
export type Turns = {
  /**
   * Resolves when it is one's turn, with what ends that turn. `patience`: ms after which it rejects with
   * StorageUnavailable, and the turn goes to the next.
   */
  take(urgency?: Urgency, patience?: number): Promise<() => void>
}

const other = { urgent: 'ordinary', ordinary: 'urgent' } as const

/**
 * One after the other, those of one urgency in the order in which they came. Where both wait they alternate: the urgent
 * pass however many are queued, and the ordinary still get on.
 */
export function turns(): Turns {
  const waiting: Record<Urgency, ((done: () => void) => void)[]> = { urgent: [], ordinary: [] }
  let taken = false

  const done = (urgency: Urgency): (() => void) => {
    let over = false
    return () => {
      if (over) return
      over = true
      const next = waiting[other[urgency]].length > 0 ? other[urgency] : urgency
      const first = waiting[next].shift()
      if (first) first(done(next))
      else taken = false
    }
  }

  const impatient = (urgency: Urgency, patience: number): Promise<() => void> =>
    new Promise((resolve, reject) => {
      const line = waiting[urgency]
      const called = (done: () => void): void => {
        clearTimeout(timer)
        resolve(done)
      }
      const timer = setTimeout(() => {
        line.splice(line.indexOf(called), 1)
        reject(new StorageUnavailable(new Error(`it was not its turn within ${patience} ms`)))
      }, patience)
      line.push(called)
    })

  return {
    take(urgency = 'ordinary', patience) {
      if (taken && patience !== undefined) return impatient(urgency, patience)
      if (taken) return new Promise((resolve) => waiting[urgency].push(resolve))
      taken = true
      return Promise.resolve(done(urgency))
    },
  }
}
