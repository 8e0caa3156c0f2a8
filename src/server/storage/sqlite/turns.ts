/** One after the other, in the order in which they came. */
export type Turns = { take(): Promise<() => void> }

export function turns(): Turns {
  const waiting: ((done: () => void) => void)[] = []
  let taken = false

  const done = (): (() => void) => {
    let over = false
    return () => {
      if (over) return
      over = true
      const next = waiting.shift()
      if (next) next(done())
      else taken = false
    }
  }

  return {
    take() {
      if (taken) return new Promise((resolve) => waiting.push(resolve))
      taken = true
      return Promise.resolve(done())
    },
  }
}
