import { setImmediate as soon } from 'node:timers/promises'

/** Of all who take turns with each other, one works in each turn of the event loop, however many there are. */
export function createTurns(): () => Promise<void> {
  let last: Promise<void> = Promise.resolve()
  return () => {
    last = last.then(() => soon())
    return last
  }
}
