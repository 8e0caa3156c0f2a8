/** What is watched within a page: when it can be used, how far its frames are apart. Scripts, as texts, since they run there. */
import type { CDPSession, Page } from 'playwright-core'

/** Before the page's own scripts. `selectors`: when all of them are there, and enabled, the page can be used. */
export const watching = (selectors: readonly string[]) => `(() => {
  const watched = window.watched = { usable: undefined, deltas: [] }
  const look = () => {
    if (watched.usable !== undefined) return
    const found = ${JSON.stringify(selectors)}.map((one) => document.querySelector(one))
    if (found.every((one) => one && !one.disabled)) watched.usable = performance.now()
  }
  new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true })
  watched.frames = () => {
    watched.deltas = []
    let last = performance.now()
    watched.isRecording = true
    const frame = () => {
      const now = performance.now()
      watched.deltas.push(now - last)
      last = now
      if (watched.isRecording) requestAnimationFrame(frame)
    }
    requestAnimationFrame(frame)
  }
})()`

/** What the expression says, once it says something. */
export const until = <T>(page: Page, expression: string): Promise<T> =>
  page.evaluate<T>(`new Promise((resolve, reject) => {
    const end = performance.now() + 60_000
    const look = () => {
      const found = ${expression}
      if (found) resolve(found)
      else if (performance.now() > end) reject(new Error('it never came'))
      else setTimeout(look, 20)
    }
    look()
  })`)
export const usable = (page: Page): Promise<number> => until(page, 'window.watched?.usable')

/** Compressed bytes of the scripts that were loaded, and the path of each. */
export const scripts = (page: Page): Promise<{ name: string; bytes: number }[]> =>
  page.evaluate(`performance.getEntriesByType('resource')
    .filter(({ name }) => name.endsWith('.js'))
    .map(({ name, encodedBodySize }) => ({ name: new URL(name).pathname, bytes: encodedBodySize }))`)

export type Frames = { frames: number; p50: number; longest: number; task: number; computed: number; all: number }
type Event = {
  name: string
  ph: string
  pid: number
  tid: number
  dur?: number
  tdur?: number
  args: { name?: string }
}

/**
 * While `work` runs: ms between frames, and the longest task of the page's main thread: by the clock, on which a busy
 * machine counts too, and by what was computed in it.
 */
export async function framesDuring(page: Page, work: () => Promise<void>): Promise<Frames> {
  const cdp: CDPSession = await page.context().newCDPSession(page)
  const events: Event[] = []
  cdp.on('Tracing.dataCollected', ({ value }) => void events.push(...(value as unknown as Event[])))
  await cdp.send('Tracing.start', { transferMode: 'ReportEvents', categories: '-*,toplevel,__metadata' })
  await page.evaluate('window.watched.frames()')
  await work()
  const deltas = await page.evaluate<number[]>('(window.watched.isRecording = false, window.watched.deltas)')
  const over = new Promise((resolve) => cdp.once('Tracing.tracingComplete', resolve))
  await cdp.send('Tracing.end')
  await over
  await cdp.detach()
  const main = events.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain')
  const tasks = events.filter(
    ({ ph, pid, tid, name }) =>
      ph === 'X' && /RunTask/.test(name) && main.some((thread) => thread.pid === pid && thread.tid === tid),
  )
  const most = (values: readonly (number | undefined)[]) =>
    values.reduce<number>((a, b = 0) => Math.max(a, b), 0) / 1000
  const sorted = deltas.toSorted((a, b) => a - b)
  return {
    frames: deltas.length,
    p50: sorted[Math.floor(sorted.length / 2)] ?? 0,
    longest: sorted.at(-1) ?? 0,
    task: most(tasks.map(({ dur }) => dur)),
    computed: most(tasks.map(({ tdur }) => tdur)),
    all: tasks.reduce((sum, { tdur = 0 }) => sum + tdur, 0) / 1000,
  }
}
