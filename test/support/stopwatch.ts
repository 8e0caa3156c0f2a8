/** Time as this process lived it: what a busy machine took from it is nobody's promise. */

/** ms between two beats, and the most that one of them counts for: a process that was held up sees one late beat. */
const beat = 5
const most = 50

export type Stopwatch = { ms(): number; stop(): void }

export function stopwatch(): Stopwatch {
  let counted = 0
  let last = performance.now()
  const ms = () => {
    const now = performance.now()
    counted += Math.min(now - last, most)
    last = now
    return counted
  }
  const timer = setInterval(ms, beat)
  return { ms, stop: () => clearInterval(timer) }
}

/** What came of it, and after how many ms. */
export async function timed<T>(work: Promise<T>): Promise<{ answer: T | Error; ms: number }> {
  const watch = stopwatch()
  const answer = await work.catch((error: Error) => error)
  watch.stop()
  return { answer, ms: watch.ms() }
}

/** Waits until it holds, looking often; ms that it took. Throws when it does not come true. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  most = 10_000,
  why = `it did not come true: ${holds}`,
): Promise<number> {
  const watch = stopwatch()
  try {
    while (!(await holds())) {
      if (watch.ms() > most) throw new Error(`${why} (within ${most} ms)`)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    return watch.ms()
  } finally {
    watch.stop()
  }
}
