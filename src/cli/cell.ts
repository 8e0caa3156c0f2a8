/** One value in a table, for people. What came from outside cannot move the cursor or turn the line around. */
import type { Json } from '../protocol/json.ts'
import { conditionText, isCondition } from './condition-text.ts'

export type Cell = (path: string, value: Json) => string

/** Times as they are from `now`, or in full with `utc`. */
export function cellWith({ now, utc }: { now: number; utc: boolean }): Cell {
  return (path, value) => (isTime(path, value) && !utc ? relative(Date.parse(value), now) : cellOf(value))
}

export function cellOf(value: Json): string {
  if (value === null || value === '') return '-'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (Array.isArray(value)) return value.length === 0 ? '-' : value.map((each: Json) => cellOf(each)).join(', ')
  if (isCondition(value)) return printable(conditionText(value))
  if (typeof value === 'object') return printable(JSON.stringify(value))
  return printable(String(value))
}

/** Controls and the marks of bidirectional text, as escapes. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, (found) => {
    return `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

const isTime = (path: string, value: Json): value is string =>
  typeof value === 'string' && /(?:^|_)(?:at|success|attempt|before)$/.test(path) && !Number.isNaN(Date.parse(value))

const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const

function relative(at: number, now: number): string {
  const away = Math.abs(now - at)
  const [unit, size] = units.find(([, size]) => away >= size) ?? []
  if (unit === undefined || size === undefined) return at > now ? 'in a moment' : 'just now'
  const count = Math.round(away / size)
  const said = `${count} ${unit}${count === 1 ? '' : 's'}`
  return at > now ? `in ${said}` : `${said} ago`
}
