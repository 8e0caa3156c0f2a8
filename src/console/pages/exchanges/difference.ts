/**
 * Where a text parts from what is expected: what an eye passes over is made to be seen. Pure. It explains and decides
 * nothing: whether the two fit is the service's word.
 */

/** `missing`: the other side has something here, and this one nothing. `wild`: stands for any text. */
export type Piece = { kind: 'same' | 'differs' | 'missing' | 'wild'; text: string }
export type Way = 'letter_case' | 'trailing_slash' | 'white_space' | 'id_form' | 'invisible' | 'look_alike'
export type Difference = { expected: readonly Piece[]; received: readonly Piece[]; ways: readonly Way[] }

/** Of two texts that should be the same. */
export function difference(expected: string, received: string): Difference {
  if (expected === received) return { expected: same(expected), received: same(received), ways: [] }
  const [a, b] = [Array.from(expected), Array.from(received)]
  const start = commonStart(a, b)
  const end = commonEnd(a, b, start)
  const sides = sidesOf(a.slice(start, a.length - end).join(''), b.slice(start, b.length - end).join(''))
  const around = (middle: Piece[]): Piece[] =>
    joined([...same(a.slice(0, start).join('')), ...middle, ...same(a.slice(a.length - end).join(''))])
  return { expected: around(sides.expected), received: around(sides.received), ways: waysOf(expected, received) }
}

/** Of a pattern, in which `*` is any text and `?` any character, and a text that does not fit it: how far it fits. */
export function globDifference(pattern: string, received: string): Difference {
  const [asks, text] = [Array.from(pattern), Array.from(received)]
  let places = new Set([0])
  let fitting = 0
  for (const ask of asks) {
    const next = stepped(ask, places, text)
    if (next.size === 0) break
    places = next
    fitting++
  }
  // Where the whole pattern fits a part, the text goes on; else, how far it is known to fit.
  const reach = fitting === asks.length ? Math.max(...places) : Math.min(...places)
  const rest = asks.slice(fitting).join('')
  const over = text.slice(reach).join('')
  return {
    expected: joined([...asks.slice(0, fitting).map(patternPiece), ...odd(rest, over)]),
    received: joined([...same(text.slice(0, reach).join('')), ...odd(over, rest)]),
    ways: fitting === asks.length && over === '' ? [] : waysOf(pattern, received),
  }
}

const patternPiece = (text: string): Piece => ({ kind: text === '*' || text === '?' ? 'wild' : 'same', text })

function stepped(ask: string, places: ReadonlySet<number>, text: readonly string[]): Set<number> {
  if (ask === '*') {
    const from = Math.min(...places)
    return new Set(Array.from({ length: text.length - from + 1 }, (_, i) => from + i))
  }
  return new Set([...places].filter((at) => at < text.length && (ask === '?' || text[at] === ask)).map((at) => at + 1))
}

const same = (text: string): Piece[] => (text === '' ? [] : [{ kind: 'same', text }])
/** What this side has of its own, or the gap where only the other has something. */
const odd = (text: string, other: string): Piece[] =>
  text !== '' ? [{ kind: 'differs', text }] : other !== '' ? [{ kind: 'missing', text: '' }] : []

function commonStart(a: readonly string[], b: readonly string[]): number {
  let at = 0
  while (at < a.length && at < b.length && a[at] === b[at]) at++
  return at
}
function commonEnd(a: readonly string[], b: readonly string[], start: number): number {
  let count = 0
  while (count < Math.min(a.length, b.length) - start && a.at(-1 - count) === b.at(-1 - count)) count++
  return count
}

type Sides = { expected: Piece[]; received: Piece[] }
/** Words and what stands between them: `repo`, `:`, `acme`, `@`, `12`, … */
const wordsOf = (text: string) => text.match(/[\p{L}\p{N}]+|[^\p{L}\p{N}]/gu) ?? []
const mostWords = 200

/** Of the parts that are not the same at their ends: by words, and within two words that stand opposite by characters. */
function sidesOf(expected: string, received: string): Sides {
  const [a, b] = [wordsOf(expected), wordsOf(received)]
  if (a.length > mostWords || b.length > mostWords) return opposite(expected, received)
  const kept = longest(a, b)
  // Nothing but what stands between words: then it says nothing that it stands at the same place.
  if (!kept.some(([at]) => /[\p{L}\p{N}]/u.test(a[at] ?? ''))) return opposite(expected, received)
  const sides: Sides = { expected: [], received: [] }
  let [i, j] = [0, 0]
  for (const [x, y] of [...kept, [a.length, b.length] as const]) {
    const part = opposite(a.slice(i, x).join(''), b.slice(j, y).join(''))
    sides.expected.push(...part.expected, ...same(a[x] ?? ''))
    sides.received.push(...part.received, ...same(b[y] ?? ''))
    i = x + 1
    j = y + 1
  }
  return sides
}

/** Letter by letter where it is the case alone, else as wholes. */
function opposite(expected: string, received: string): Sides {
  const [a, b] = [Array.from(expected), Array.from(received)]
  if (a.length !== b.length || expected.toLowerCase() !== received.toLowerCase())
    return { expected: odd(expected, received), received: odd(received, expected) }
  const marked = (own: readonly string[], other: readonly string[]): Piece[] =>
    own.map((text, i) => ({ kind: text === other[i] ? 'same' : 'differs', text }))
  return { expected: marked(a, b), received: marked(b, a) }
}

/** Places of the longest run of words that both have in this order. */
function longest(a: readonly string[], b: readonly string[]): (readonly [number, number])[] {
  const width = b.length + 1
  const lengths = new Uint16Array((a.length + 1) * width)
  const at = (i: number, j: number) => lengths[i * width + j] ?? 0
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      lengths[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
  const found: (readonly [number, number])[] = []
  for (let [i, j] = [0, 0]; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) found.push([i++, j++])
    else if (at(i + 1, j) >= at(i, j + 1)) i++
    else j++
  }
  return found
}

function joined(pieces: readonly Piece[]): Piece[] {
  const out: Piece[] = []
  for (const piece of pieces) {
    const last = out.at(-1)
    if (last && last.kind === piece.kind && piece.kind !== 'wild') out[out.length - 1] = join(last, piece)
    else out.push(piece)
  }
  return out
}
const join = (a: Piece, b: Piece): Piece => ({ kind: a.kind, text: a.text + b.text })

const folds: readonly (readonly [Way, (text: string) => string])[] = [
  ['invisible', (text) => text.replaceAll(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}]/gu, (one) => (/\s/.test(one) ? one : ''))],
  [
    'look_alike',
    (text) => Array.from(text, (one) => (/\s/.test(one) ? one : (lookAlikes[one] ?? one.normalize('NFKC')))).join(''),
  ],
  ['white_space', (text) => text.replaceAll(/\s/gu, '')],
  ['id_form', (text) => text.replaceAll(/@\d+(?=[/:]|$)/g, '')],
  ['trailing_slash', (text) => text.replace(/\/$/, '')],
  ['letter_case', (text) => text.toLowerCase()],
]
/** Letters of other scripts that are drawn as a Latin one. */
const lookAlikes: Readonly<Record<string, string>> = Object.fromEntries(
  Array.from('аеорсухіјѕԁһАВЕКМНОРСТХІЈЅαορνΑΒΕΖΗΙΚΜΝΟΡΤΥΧ', (one, i) => [
    one,
    Array.from('aeopcyxijsdhABEKMHOPCTXIJSaopvABEZHIKMNOPTYX')[i] ?? one,
  ]),
)

/** What they differ in, when it is nothing but this; none when they differ in more. */
function waysOf(expected: string, received: string): Way[] {
  const but = (left?: Way) => (text: string) =>
    folds.filter(([way]) => way !== left).reduce((rest, [, fold]) => fold(rest), text)
  if (but()(expected) !== but()(received)) return []
  return folds.map(([way]) => way).filter((way) => but(way)(expected) !== but(way)(received))
}
