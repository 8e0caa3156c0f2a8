import type { Json, JsonObject } from '../../protocol/json.ts'

/** Text that stands between quotation marks as it is: printable ASCII without quotation mark and backslash. */
const plain = /^[ !#-[\]-~]*$/

function text(value: string): string {
  if (plain.test(value)) return `"${value}"`
  if (!value.isWellFormed()) throw new TypeError('a lone surrogate cannot be written down')
  return JSON.stringify(value)
}

/** In place, by code units. Objects here are small and nearly in order. */
function sort(names: string[]): string[] {
  if (names.length > 32) return names.sort()
  for (let i = 1; i < names.length; i++) {
    const name = names[i] as string
    let j = i
    for (; j > 0 && (names[j - 1] as string) > name; j--) names[j] = names[j - 1] as string
    names[j] = name
  }
  return names
}

function object(value: { readonly [member: string]: Json | undefined }): string {
  let out = ''
  for (const name of sort(Object.keys(value))) {
    const inner = value[name]
    if (inner !== undefined) out += `${out === '' ? '' : ','}${text(name)}:${written(inner)}`
  }
  return `{${out}}`
}

function written(value: Json): string {
  if (typeof value === 'string') return text(value)
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError('a number beyond all bounds cannot be written down')
    return String(value)
  }
  if (typeof value !== 'object' || value === null) return String(value)
  if (Array.isArray(value)) return `[${value.map(written).join()}]`
  return object(value as { readonly [member: string]: Json })
}

/**
 * Whether JSON.stringify writes the value as RFC 8785 wants it: members in the order of their code units (which an
 * object cannot keep for names that are numbers), none of them absent, no number beyond all bounds.
 */
function isOrderly(value: Json | undefined): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || value === null) return value !== undefined
  if (Array.isArray(value)) return value.every(isOrderly)
  let last = ''
  for (const name in value) {
    if (name < last) return false
    last = name
    if (!isOrderly((value as JsonObject)[name])) return false
  }
  return true
}

/** The beginning of the escape that a lone surrogate is written with. */
const surrogate = '\\ud'

/**
 * RFC 8785 of what JSON can hold; a member that is undefined is absent. This is on the way of every exchange: what comes
 * in order, as events do, is written by the runtime itself. The tests hold it against the general library. Throws on
 * lone surrogates and on numbers beyond all bounds.
 */
export function canonical(value: Json): string {
  if (!isOrderly(value)) return written(value)
  const text = JSON.stringify(value)
  return text.includes(surrogate) ? written(value) : text
}
