/**
 * What was answered a moment ago, and who is waiting for the same answer now. Bounded: what was asked for longest ago goes.
 * Rules: an answer is as old as its question, since what it says may have changed right after it was judged; nobody gets
 * one that is older than `goodFor`, not even by waiting for it; a failure is never remembered.
 */
export type Remembered<T> = {
  /** `endsIn`: ms until the answer stops being true by itself. */
  get(key: string, ask: () => Promise<{ value: T; endsIn: number }>): Promise<T>
}

/** `goodFor`: ms; 0 asks every time. */
type Needs = { most: number; goodFor: number; elapsed: () => number }

export function createRemembered<T>({ most, goodFor, elapsed }: Needs): Remembered<T> {
  const kept = new Map<string, { value: T; until: number }>()
  const asked = new Map<string, { at: number; answer: Promise<T> }>()

  function keep(key: string, value: T, until: number): void {
    if (until <= elapsed()) return
    kept.delete(key)
    kept.set(key, { value, until })
    for (const oldest of kept.keys()) {
      if (kept.size <= most) break
      kept.delete(oldest)
    }
  }
  return {
    get(key, ask) {
      const now = elapsed()
      const found = kept.get(key)
      if (found && now < found.until) return Promise.resolve(found.value)
      kept.delete(key)
      const others = asked.get(key)
      if (others && now < others.at + goodFor) return others.answer
      const answer = ask().then(({ value, endsIn }) => {
        keep(key, value, Math.min(now + goodFor, elapsed() + endsIn))
        return value
      })
      const question = { at: now, answer }
      asked.set(key, question)
      const over = () => {
        if (asked.get(key) === question) asked.delete(key)
      }
      answer.then(over, over)
      return answer
    },
  }
}
