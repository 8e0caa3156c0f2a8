/** How an object becomes a row and back. */
import type { Value } from './sqlite/wire.ts'

/** `json`: a list or an object, as text. */
type Form<V> = [V] extends [boolean] ? 'boolean' : [V] extends [string | number | null] ? 'plain' : 'json'
type Members<T> = { [Member in keyof T]-?: Form<T[Member]> }
export type Columns = Record<string, Value>

export type Noun<T> = {
  table: string
  columns: readonly string[]
  /** Columns that it is looked for by; what they hold is in lower case. */
  sought: readonly string[]
  column(member: keyof T & string): string
  /** The columns of those members that are given. */
  row(values: Partial<T>): Columns
  /** The columns that follow from the members of the whole object. */
  derived(whole: T): Columns
  /** The object in a row whose columns bear this prefix. */
  object(row: Readonly<Record<string, unknown>>, prefix?: string): T
}

const snake = (member: string): string => member.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

function written(form: string, value: unknown): Value {
  if (value === null || value === undefined) return null
  if (form === 'boolean') return value ? 1 : 0
  return form === 'json' ? JSON.stringify(value) : (value as Value)
}

function read(form: string, value: unknown): unknown {
  if (form === 'boolean') return value === 1
  return form === 'json' && value !== null ? JSON.parse(value as string) : value
}

/** `derive`: further columns that follow from the members; they are written, never read. `sought`: see Noun. */
export function noun<T>(
  table: string,
  members: Members<T>,
  derive: (whole: T) => Columns = () => ({}),
  sought: readonly string[] = ['name'],
): Noun<T> {
  const known = Object.entries<string>(members).map(([member, form]) => ({ member, form, column: snake(member) }))
  return {
    table,
    columns: known.map(({ column }) => column),
    sought,
    column: snake,
    row(values) {
      const row: Columns = {}
      for (const { member, form, column } of known) {
        const value = values[member as keyof T]
        if (value !== undefined) row[column] = written(form, value)
      }
      return row
    },
    derived: derive,
    object(row, prefix = '') {
      const object: Record<string, unknown> = {}
      for (const { member, form, column } of known) object[member] = read(form, row[prefix + column])
      return object as T
    },
  }
}
