/** The library's errors, in words for whoever wrote the expression. */
import { faultAt } from './cel-fault.ts'
import type { CelFault } from './cel-program.ts'
import { type CelNode, pathOf } from './cel-tree.ts'

/** Longer ones quote claims. */
const longest = 200

/** What an expression is instead of true or false. */
export const notBoolean = (type: string) => `it must be true or false, and is ${article(type)}`

const article = (type: string) => (type === 'null_type' ? 'null' : `${/^[iu]nt/.test(type) ? 'an' : 'a'} ${kind(type)}`)

const kind = (type: string) =>
  type.replaceAll('google.protobuf.Timestamp', 'timestamp').replaceAll('google.protobuf.Duration', 'duration')

/** An error of the evaluation. */
export function sayError(error: { message: string; exprId: bigint | undefined }, nodes: readonly CelNode[]): string {
  const { message } = error
  const missing = /^field not found: (.*)$/s.exec(message)?.[1]
  if (missing !== undefined) {
    const node = nodes.find(({ id }) => BigInt(id) === error.exprId)
    const path = (node && pathOf(node)) ?? []
    const [root, ...below] = path.at(-1) === missing && path.length > 1 ? path : (indexed(missing, nodes) ?? [])
    if (root === 'claims') return cut(`the token has no claim ${below.join('.')}`)
    if (root === 'header') return cut(`the header of the token has no ${below.join('.')}`)
    return cut(`there is no member ${missing}`)
  }
  const overload = /^found no matching overload for '(.+?)' applied to '(?:(.*)\.)?\((.*)\)'$/s.exec(message)
  if (overload) {
    const [, name = '', target, args = ''] = overload
    const operator = name.replace(/^@|_/g, '')
    const kinds = [target, args].filter((kind) => kind).join(', ')
    return cut(`${operator === '?:' ? '?' : operator} cannot be applied to ${kind(kinds)}`)
  }
  const index = /^index (\S+) out of bounds/.exec(message)?.[1]
  if (index !== undefined) return `the list has no member ${index}`
  const mismatch = /^type mismatch: (?:iterable vs|expected bool, got) (.*)$/s.exec(message)?.[1]
  if (mismatch !== undefined)
    return `${message.includes('iterable') ? 'a list' : 'true or false'} was expected, not ${article(mismatch)}`
  return cut(message.replace(/ during _?(.+?)_?$/, ' in $1'))
}

/** Of `a["b"]` the library names no more than a and "b": the path, when only one can be meant. */
function indexed(key: string, nodes: readonly CelNode[]): readonly string[] | undefined {
  const paths = nodes.filter(({ kind }) => kind === 'call').flatMap((node) => [pathOf(node) ?? []])
  const [path, another] = paths.filter((path) => path.at(-1) === key)
  return another === undefined ? path : undefined
}

const cut = (message: string) => (message.length > longest ? `${message.slice(0, longest)}…` : message)

type Found = { location: { start: { offset: number } }; found?: string; expected?: { type: string; value: string }[] }

/** An error of the parser. */
export function parseFault(source: string, error: Error): CelFault {
  const { location, found, expected } = error as Error & Partial<Found>
  const at = location?.start.offset
  if (at === undefined) return faultAt(source, 0, error instanceof RangeError ? 'it nests too deep' : error.message)
  // The parser goes back to the operator when what follows it cannot be read.
  const operator = /^(?:===?|!=|[<>]=?|&&|\|\||[-+*/%?:]|in\b)\s*/.exec(source.slice(at))?.[0] ?? ''
  const from = at + (operator.startsWith('===') ? 2 : operator.length)
  return faultAt(source, from, sayUnexpected(source.slice(from), source.slice(0, from), found, expected))
}

const slips: [RegExp, string][] = [
  [/^=/, 'values are compared with =='],
  [/^and\b/i, 'written && here, not and'],
  [/^or\b/i, 'written || here, not or'],
  [/^&/, 'written && here'],
  [/^\|/, 'written || here'],
  [/^[“”‘’«»]/, 'a text stands between straight quotes: "…"'],
  [/^["']/, 'a text that does not end, or has an escape that is not known'],
]

function sayUnexpected(rest: string, before: string, found?: string, expected: Found['expected'] = []): string {
  const slip = slips.find(([sign]) => sign.test(rest))
  // After a value a quote is no beginning of a text.
  if (/\bnot\s+$/i.test(before)) return 'written ! here, not not'
  if (slip && !(/^["']/.test(rest) && /[\w)\]]\s*$/.test(before))) return slip[1]
  const wanted = [...new Set(expected.filter(({ type }) => type === 'literal').map(({ value }) => value))]
  const hint = wanted.length === 1 && expected.length <= 2 ? `, ${wanted[0]} was expected` : ''
  if (!found || rest === '') return `the expression ends too early${hint}`
  return `${JSON.stringify([...rest][0])} cannot stand here${hint}`
}
