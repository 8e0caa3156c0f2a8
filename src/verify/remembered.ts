/**
 * What was answered a moment ago, and who is waiting for the same answer now. Bounded: what was asked for longest ago goes.
 * Rules: a failure is never remembered; of several who ask for the same at once, one asks and all get the answer.
 */
export type Remembered<T> = {
  /** `until`: of `elapsed`, when the answer stops counting. */
  get(key: string, ask: () => Promise<{ value: T; until: number }>): Promise<T>
}

export function createRemembered<T>({ most, elapsed }: { most: number; elapsed: () => number }): Remembered<T> {
  const kept = new Map<string, { value: T; until: number }>()
  const asking = new Map<string, Promise<T>>()

  async function fresh(key: string, ask: () => Promise<{ value: T; until: number }>): Promise<T> {
    const answer = await ask()
    if (answer.until > elapsed()) {
      kept.delete(key)
      kept.set(key, answer)
      for (const oldest of kept.keys()) {
        if (kept.size <= most) break
        kept.delete(oldest)
      }
    }
    return answer.value
  }
  return {
    async get(key, ask) {
      const found = kept.get(key)
      if (found && found.until > elapsed()) return found.value
      kept.delete(key)
      const others = asking.get(key)
      if (others) return others
      const answer = fresh(key, ask).finally(() => asking.delete(key))
      asking.set(key, answer)
      return answer
    },
  }
}
