/**
 * YAML 1.2 of a stranger to a plain value, with the place of everything in it. Taken is what every reader reads alike:
 * one document of maps, lists and plain scalars. Refused: anchors and aliases (which multiply), tags and directives
 * (which change what the rest means), a name twice, numbers that are not what they look like.
 */
import { Composer, type CST, type Document, isMap, isScalar, isSeq, Lexer, LineCounter, type Node, Parser } from 'yaml'
import { holdsSecret, withoutSecrets } from '../../protocol/secret-text.ts'
import type { Fault, Path } from './fault.ts'

/** Bytes of UTF-8, as much as the API takes. */
export const largestFile = 1_048_576
/** Of maps and lists in each other; a whole organization takes ten. */
const deepest = 24
const mostFaults = 50

export type Place = Required<Pick<Fault, 'line' | 'column' | 'caret'>>
export type ReadYaml =
  | {
      ok: true
      value: unknown
      /** Where the path leads, or as far as it does. `within`: a place in the text of that scalar. */
      locate(path: Path, within?: { line: number; column: number }): Place
    }
  | { ok: false; faults: readonly Fault[] }

/** Never throws. */
export function readYaml(text: string): ReadYaml {
  const lines = new LineCounter()
  const placeOf = (offset: number): Place => placeAt(text, lines, offset)
  const wrong = (offset: number, message: string): ReadYaml => ({
    ok: false,
    faults: [{ path: [], message: message.slice(0, 300), ...placeOf(offset) }],
  })
  if (Buffer.byteLength(text) > largestFile)
    return { ok: false, faults: [{ path: [], message: `the file is larger than ${largestFile} bytes` }] }

  const tokens: CST.Token[] = []
  for (const token of tokensOf(text, lines)) {
    if (token === 'too deep') return wrong(lines.lineStarts.at(-1) ?? 0, `nests deeper than ${deepest} maps and lists`)
    const refused = token.type === 'error' ? ([token.offset, withoutSecrets(token.message)] as const) : refusedIn(token)
    if (refused) return wrong(...refused)
    if (token.type === 'document' && tokens.some(({ type }) => type === 'document'))
      return wrong(token.offset, 'is a second document: a file is of one organization')
    tokens.push(token)
  }
  // Names that stand twice are found below: the library compares each with all.
  const composer = new Composer({
    version: '1.2',
    schema: 'core',
    merge: false,
    stringKeys: true,
    uniqueKeys: false,
    prettyErrors: false,
  })
  const documents: Document.Parsed[] = []
  for (const document of composer.compose(tokens, true, text.length)) documents.push(document as Document.Parsed)
  const [document, second] = documents
  if (second) return wrong(second.range[0], 'is a second document: a file is of one organization')
  if (!document?.contents) return wrong(0, 'the file is empty')
  const said = [...document.errors, ...document.warnings]
  if (said.length > 0)
    return {
      ok: false,
      faults: said
        .slice(0, mostFaults)
        .map(({ pos, message, code }) => ({ path: [], message: says(code, message), ...placeOf(pos[0]) })),
    }

  const { contents } = document
  const faults: Fault[] = []
  const value = plainValue(
    contents,
    [],
    (path, node, message) =>
      void (faults.length < mostFaults && faults.push({ path, message, ...placeOf(node.range?.[0] ?? 0) })),
  )
  if (faults.length > 0) return { ok: false, faults }
  return {
    ok: true,
    value,
    locate: (path, within) => {
      const { node, key } = nodeAt(contents, path)
      if (within && node) return placeOf(offsetWithin(text, node, within))
      return placeOf((key ?? node)?.range?.[0] ?? 0)
    },
  }
}

/** The parser's own loop, which ends where it would go too deep. */
function* tokensOf(text: string, lines: LineCounter): Generator<CST.Token | 'too deep'> {
  const parser = new Parser(lines.addNewLine)
  lines.addNewLine(0)
  for (const lexeme of new Lexer().lex(text)) {
    yield* parser.next(lexeme)
    // A document, and a pair of each level, are on it too.
    if (parser.stack.length > deepest + 2) return yield 'too deep'
  }
  yield* parser.end()
}

function says(code: string, message: string): string {
  if (code === 'NON_STRING_KEY') return 'a name must be a plain text'
  return withoutSecrets(message.slice(0, 300))
}

const refusedTokens: Partial<Record<CST.Token['type'], string>> = {
  anchor: 'anchors (&) and aliases (*) are not taken: write it out, or in quotes if it is a text',
  alias: 'anchors (&) and aliases (*) are not taken: write it out, or in quotes if it is a text',
  tag: 'tags (!) are not taken: write it in quotes if it is a text',
  directive: 'directives (%) are not taken: files are YAML 1.2',
}

/** The first thing that is not taken. The text does not nest deep, as was seen before. */
function refusedIn(token: object): [offset: number, message: string] | undefined {
  const { type, offset = 0, ...members } = token as { type?: CST.Token['type']; offset?: number }
  const message = type && refusedTokens[type]
  if (message) return [offset, message]
  for (const inner of Object.values(members).flat()) {
    const refused = typeof inner === 'object' && inner !== null ? refusedIn(inner) : undefined
    if (refused) return refused
  }
  return undefined
}

type Complain = (path: Path, node: Node, message: string) => void

/** Depth is bounded before. */
function plainValue(node: unknown, path: Path, complain: Complain): unknown {
  if (isMap(node)) {
    const names = new Set<string>()
    const members = node.items.flatMap(({ key, value }): [string, unknown][] => {
      const name = isScalar(key) ? String(key.value) : ''
      if (name === '__proto__') complain(path, key as Node, 'this name is not taken')
      if (names.has(name)) complain([...path, name], key as Node, 'this name stands here already')
      names.add(name)
      return [[name, value === null ? null : plainValue(value, [...path, name], complain)]]
    })
    return Object.fromEntries(members)
  }
  if (isSeq(node)) return node.items.map((item, i) => plainValue(item, [...path, i], complain))
  if (!isScalar(node)) return null
  const { value, source = '' } = node
  if (typeof value === 'bigint' || (typeof value === 'number' && String(value) !== source))
    complain(path, node, `is a number, ${value}, written in another way: write "${source}" if it is a text`)
  return value
}

type Found = { node: Node | undefined; key: Node | undefined }

function nodeAt(contents: Node, path: Path): Found {
  let found: Found = { node: contents, key: undefined }
  for (const step of path) {
    const { node } = found
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step))
      if (!pair) break
      found = { node: (pair.value as Node | null) ?? undefined, key: pair.key as Node }
    } else if (isSeq(node)) {
      const item = node.items[Number(step)] as Node | undefined
      if (!item) break
      found = { node: item, key: undefined }
    } else break
  }
  return found
}

/** Line and column are exact in a block (|) and on the one line of any other scalar. */
function offsetWithin(text: string, node: Node, { line, column }: { line: number; column: number }): number {
  const start = node.range?.[0] ?? 0
  if (!isScalar(node)) return start
  if (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED') {
    let at = text.indexOf('\n', start) + 1
    const indent = /^(?:[ \t]*\n)*( *)/.exec(text.slice(at, at + 10_000))?.[1]?.length ?? 0
    for (let i = 1; i < line; i++) at = text.indexOf('\n', at) + 1 || at
    return at + indent + column - 1
  }
  return start + (node.type === 'PLAIN' ? 0 : 1) + (line === 1 ? column - 1 : 0)
}

/** Characters of a line that are shown. */
const widest = 120

function placeAt(text: string, lines: LineCounter, offset: number): Place {
  const { line, col: column } = lines.linePos(Math.max(0, Math.min(offset, text.length)))
  const begin = lines.lineStarts[line - 1] ?? 0
  const end = text.indexOf('\n', begin)
  const whole = text.slice(begin, end < 0 ? text.length : end).replace(/\r$/, '')
  const from = Math.max(0, column - widest + 20)
  const shown = whole.slice(from, from + widest).replaceAll('\t', ' ')
  if (holdsSecret(whole)) return { line, column, caret: withoutSecrets(whole).slice(0, widest) }
  return { line, column, caret: `${shown}\n${' '.repeat(Math.max(0, column - 1 - from))}^` }
}
