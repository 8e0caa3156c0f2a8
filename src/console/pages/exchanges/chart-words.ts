/** What a bar is called, and how high it is. Pure. */

/** A round number that is no less, for the top of a chart. */
export function ceilingOf(most: number): number {
  if (most <= 5) return Math.max(most, 1)
  const power = 10 ** Math.floor(Math.log10(most))
  return [1, 2, 5, 10].map((step) => step * power).find((top) => top >= most) ?? most
}

export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`

/** A day and a time, in this browser's own zone. */
export const momentOf = (at: string): string =>
  new Intl.DateTimeFormat('en', {
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(new Date(at))

/** The times of a bar, in this browser's own zone. `seconds`: how long a bar is. */
export function timesOf(at: string, seconds: number, zone?: string): string {
  const from = new Date(at)
  const to = new Date(from.getTime() + seconds * 1000)
  const zoned = zone === undefined ? {} : { timeZone: zone }
  const day = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric', ...zoned })
  const time = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', ...zoned })
  const [first, last] = [day.format(from), day.format(to)]
  return first === last
    ? `${first}, ${time.format(from)} to ${time.format(to)}`
    : `${first}, ${time.format(from)} to ${last}, ${time.format(to)}`
}
