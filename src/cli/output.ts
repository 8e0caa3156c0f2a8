/** What a command found, as a table for people, or as JSON, YAML, lines or single values for programs. */
import type { Json, JsonObject } from '../protocol/json.ts'
import { type Cell, cellOf, printable } from './cell.ts'
import { misuse } from './failure.ts'

export const formats = ['table', 'json', 'yaml', 'jsonl'] as const
/** `own`: one that a command has for itself, and writes by itself. */
export type Format =
  | { kind: (typeof formats)[number] }
  | { kind: 'value'; field: string }
  | { kind: 'own'; name: string }

export function formatOf(text: string, own: readonly string[] = []): Format {
  const kind = formats.find((format) => format === text)
  if (kind) return { kind }
  if (own.includes(text)) return { kind: 'own', name: text }
  if (/^value=[^=]+$/.test(text)) return { kind: 'value', field: text.slice('value='.length) }
  throw misuse(`-o ${text}: it is one of ${[...formats, ...own].join(', ')} or value=FIELD`)
}

/** For a table: a member by its path, which names the column too, unless a heading is given. */
export type Column = string | readonly [heading: string, path: string]
export type Look = { columns?: readonly string[]; headers: boolean; cell: Cell }

/** The texts to print, each a line or more. A list stays a list, one object an object. */
export async function rendered(value: Json, format: Format, columns: readonly Column[], look: Look): Promise<string> {
  const items = Array.isArray(value) ? (value as readonly Json[]) : [value]
  switch (format.kind) {
    case 'json':
      return JSON.stringify(value, null, 2)
    case 'jsonl':
      return items.map((item) => JSON.stringify(item)).join('\n')
    case 'yaml': {
      const { stringify } = await import('yaml')
      return stringify(value, { lineWidth: 0 }).trimEnd()
    }
    case 'value':
      return items.map((item) => plain(member(item, format.field))).join('\n')
    case 'own':
      throw new Error(`a command has to write ${format.name} by itself`)
    case 'table':
      return Array.isArray(value) ? table(items, columns, look) : listing(value, look)
  }
}

function table(items: readonly Json[], all: readonly Column[], { columns, headers, cell }: Look): string {
  const shown = (columns ?? all).map((column) => (typeof column === 'string' ? namedIn(all, column) : column))
  const rows = items.map((item) => shown.map(([, path]) => cell(path, member(item, path))))
  return aligned(headers ? [shown.map(([heading]) => heading.toUpperCase()), ...rows] : rows)
}

/** As the table has it, or any other member by its path. */
function namedIn(all: readonly Column[], asked: string): readonly [string, string] {
  const known = all.find((column) => typeof column !== 'string' && column[0] === asked.toLowerCase())
  return known && typeof known !== 'string' ? known : [asked.replaceAll('_', ' '), asked]
}

/** One object: a line for each member, and for each member of a member. */
function listing(value: Json, { columns, cell }: Look): string {
  if (!isObject(value)) return cellOf(value)
  const members = columns?.map((path): [string, Json] => [path, member(value, path)]) ?? membersOf(value)
  return aligned(members.map(([path, each]) => [printable(path), cell(path, each)]))
}

/** With their values: a name may have dots of its own (`kubernetes.io`), so that no path leads back to it. */
function membersOf(value: JsonObject): [path: string, value: Json][] {
  return Object.entries(value).flatMap(([name, each]): [string, Json][] =>
    isObject(each) && Object.keys(each).length > 0
      ? membersOf(each).map(([path, inner]) => [`${name}.${path}`, inner])
      : [[name, each ?? null]],
  )
}

const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The last cell of a row is not filled up, so that no line ends in white space. */
export function aligned(rows: readonly (readonly string[])[]): string {
  const widths: number[] = []
  for (const row of rows) for (const [at, text] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, text.length)
  return rows
    .map((row) =>
      row
        .map((text, at) => text.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** A member by its path, `health.state`; null where there is none. */
export function member(value: Json, path: string): Json {
  let at: Json = value
  for (const name of path.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return null
    at = (at as JsonObject)[name] ?? null
  }
  return at
}

const plain = (value: Json): string =>
  value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : printable(String(value))
