/** What moved by itself within a page while somebody could have been reading it. */
import type { Page } from 'playwright-core'

/** A lower score is of a line that came a pixel or two higher. */
export const still = 0.001

/** Before the page's own scripts; a text, since it runs there. */
export const watchingShifts = `(() => {
  const seen = []
  const take = (entries) => {
    for (const { value, hadRecentInput, sources } of entries)
      if (!hadRecentInput) seen.push({ value, of: sources.map(({ node }) => node?.className || node?.nodeName).join(', ') })
  }
  if (!PerformanceObserver.supportedEntryTypes.includes('layout-shift')) throw new Error('shifts are not told')
  const observer = new PerformanceObserver((list) => take(list.getEntries()))
  observer.observe({ type: 'layout-shift', buffered: true })
  // What the last two frames moved is told, too.
  window.shifts = () =>
    new Promise((resolve) =>
      requestAnimationFrame(() => requestAnimationFrame(() => {
        take(observer.takeRecords())
        resolve(seen)
      })),
    )
})()`

/** As the Layout Instability specification scores it, all of it together; and what moved. */
export async function shiftOf(page: Page): Promise<{ score: number; of: string[] }> {
  const shifts = await page.evaluate<{ value: number; of: string }[]>('window.shifts()')
  return {
    score: shifts.reduce((sum, { value }) => sum + value, 0),
    of: shifts.map(({ value, of }) => `${value.toFixed(4)} ${of}`),
  }
}
