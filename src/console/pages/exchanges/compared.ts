/** What was expected and what came, made ready to stand side by side. Pure. */
import { type Difference, difference, globDifference, type Piece, type Way } from './difference.ts'

/** One value. `is`: what kind it is, where that matters. */
export type Value = { pieces: readonly Piece[]; is?: string }
export type Compared = { expected: readonly Value[]; received: readonly Value[]; ways: readonly (Way | 'kind')[] }

/** `op`: how they were compared; undefined: one of the expected. `holds`: nothing is marked then. */
export function compared(
  expected: unknown,
  received: unknown,
  { op = 'in', holds = false }: { op?: string; holds?: boolean } = {},
): Compared {
  const [wanted, given] = [listOf(expected), listOf(received)]
  const isTold = [...wanted, ...given].some((one) => typeof one !== 'string')
  const plain = (one: unknown) => shownValue(one, 'same', isTold)
  if (holds || !['equals', 'in', 'glob'].includes(op))
    return { expected: wanted.map(plain), received: given.map(plain), ways: [] }
  const pairs = pairsOf(wanted, given, op)
  const whole = (one: unknown): Value => shownValue(one, 'differs', isTold)
  const side = (own: readonly unknown[], of: 'expected' | 'received') =>
    own.map((one): Value => {
      const pair = pairs.find((pair) => pair[of] === one)
      return pair ? { pieces: pair.found[of], ...kindOf(one, isTold) } : whole(one)
    })
  const ways = pairs.flatMap(({ found }) => found.ways)
  const kinds = wanted.some((one) => given.some((other) => typeof one !== typeof other && `${one}` === `${other}`))
  return {
    expected: side(wanted, 'expected'),
    received: side(given, 'received'),
    ways: [...new Set(ways), ...(kinds ? (['kind'] as const) : [])],
  }
}

type Pair = { expected: string; received: string; found: Difference }

/** The texts of both sides that are most like each other, each in one pair at most. */
function pairsOf(wanted: readonly unknown[], given: readonly unknown[], op: string): Pair[] {
  const texts = (list: readonly unknown[]) =>
    list.filter((one): one is string => typeof one === 'string').slice(0, most)
  const differ = op === 'glob' ? globDifference : difference
  const all = texts(wanted).flatMap((expected) =>
    texts(given).map((received): Pair => ({ expected, received, found: differ(expected, received) })),
  )
  all.sort((a, b) => alike(b.found) - alike(a.found))
  const pairs: Pair[] = []
  for (const pair of all)
    if (!pairs.some(({ expected, received }) => expected === pair.expected || received === pair.received))
      pairs.push(pair)
  return pairs
}
const most = 20
const alike = ({ expected, received }: Difference) => {
  const count = (pieces: readonly Piece[]) =>
    pieces.reduce((sum, { kind, text }) => sum + (kind === 'differs' ? -text.length : text.length), 0)
  return count(expected) + count(received)
}

const listOf = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]

const shownValue = (value: unknown, kind: Piece['kind'], isTold: boolean): Value => ({
  pieces: [{ kind, text: typeof value === 'string' ? value : JSON.stringify(value) }],
  ...kindOf(value, isTold),
})
const kindOf = (value: unknown, isTold: boolean): { is?: string } =>
  isTold
    ? {
        is: value === null ? 'null' : Array.isArray(value) ? 'list' : typeof value === 'string' ? 'text' : typeof value,
      }
    : {}
