/** What moved by itself within a page while somebody could have been reading it. */
import type { Page } from 'playwright-core'

/** A lower score is of a line that came a pixel or two higher. */
export const still = 0.001

/** Before the page's own scripts; a text, since it runs there. */
export const watchingShifts = `(() => {
  const shifts = window.shifts = []
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput, sources } of list.getEntries())
      if (!hadRecentInput) shifts.push({ value, of: sources.map(({ node }) => node?.className || node?.nodeName).join(', ') })
  }).observe({ type: 'layout-shift', buffered: true })
})()`

/** As the Layout Instability specification scores it, all of it together; and what moved. */
export async function shiftOf(page: Page): Promise<{ score: number; of: string[] }> {
  const shifts = await page.evaluate<{ value: number; of: string }[]>('window.shifts')
  return {
    score: shifts.reduce((sum, { value }) => sum + value, 0),
    of: shifts.map(({ value, of }) => `${value.toFixed(4)} ${of}`),
  }
}
