/**
 * When an account was used last: by a key of it, or by an exchange that was granted. Told to storage behind the back of
 * whoever used it, once in an hour of the clock, many accounts at once: nobody waits for it.
 */
type Needs = {
  /** Resolves when it is kept that those were used at that time (ms). */
  touch: (accountIds: readonly string[], at: number) => Promise<void>
  report: (error: unknown) => void
  /** ms between a use and its being told. */
  every?: number
}

const hour = 3_600_000
/** Accounts told at once. */
const batch = 500
/** Accounts remembered at the most; forgetting one only tells it again. */
const most = 100_000

/** The hour of the clock that a time is in: one use in it is as good as another. */
export const hourOf = (at: number): number => Math.floor(at / hour) * hour

export type Activity = ReturnType<typeof createActivity>

export function createActivity({ touch, report, every = 500 }: Needs) {
  const seen = new Map<string, number>()
  const untold = new Map<string, number>()
  let timer: NodeJS.Timeout | undefined
  let telling: Promise<void> | undefined

  async function tellSome(): Promise<void> {
    const some = [...untold.keys()].slice(0, batch)
    const at = Math.max(...some.map((id) => untold.get(id) as number))
    for (const id of some) untold.delete(id)
    await touch(some, at).catch((error: unknown) => {
      // The next use of it tells it.
      for (const id of some) seen.delete(id)
      report(error)
    })
  }

  function soon(): void {
    timer ??= setTimeout(() => {
      timer = undefined
      telling = tellSome().finally(() => {
        telling = undefined
        if (untold.size > 0) soon()
      })
    }, every).unref()
  }

  return {
    used(accountId: string, at: number): void {
      if (seen.get(accountId) === hourOf(at)) return
      if (seen.size >= most) seen.clear()
      seen.set(accountId, hourOf(at))
      untold.set(accountId, at)
      if (!telling) soon()
    },
    /** Tells what is left. Never rejects. */
    async close(): Promise<void> {
      clearTimeout(timer)
      await telling
      clearTimeout(timer)
      while (untold.size > 0) await tellSome()
    },
  }
}
