/** What may be written in a CEL expression: its variables, its functions, and a better word for what may not. */

import { limits } from './cel-limits.ts'
import { type CelNode, nodesOf, partsOf, pathOf } from './cel-tree.ts'

const variables = ['claims', 'header', 'now']
const headerFields = ['alg', 'kid', 'typ']
/** What `type(x)` is compared with. */
const types = ['bool', 'bytes', 'double', 'int', 'list', 'map', 'null_type', 'string', 'type', 'uint']

/** `on`: how it is called on a value. */
type Signature = { plain?: number; on?: number; example: string }
const functions: Record<string, Signature> = {
  size: { plain: 1, on: 0, example: 'size(claims.groups)' },
  startsWith: { on: 1, example: 'claims.ref.startsWith("refs/tags/")' },
  endsWith: { on: 1, example: 'claims.email.endsWith("@example.com")' },
  contains: { on: 1, example: 'claims.ref.contains("release")' },
  matches: { on: 1, example: 'claims.ref.matches("^refs/tags/v[0-9]+$")' },
  int: { plain: 1, example: 'int(claims.run_attempt)' },
  double: { plain: 1, example: 'double(claims.score)' },
  string: { plain: 1, example: 'string(claims.project_id)' },
  type: { plain: 1, example: 'type(claims.project_id) == string' },
  dyn: { plain: 1, example: 'dyn(claims.ref)' },
  timestamp: { plain: 1, example: 'timestamp("2030-01-01T00:00:00Z")' },
  duration: { plain: 1, example: 'duration("5m")' },
  has: { example: 'has(claims.environment), or "a-b" in claims' },
  exists: { example: 'claims.groups.exists(x, x == "admins")' },
  all: { example: 'claims.groups.all(x, x.startsWith("team-"))' },
  exists_one: { example: 'claims.groups.exists_one(x, x == "admins")' },
  filter: { example: 'claims.groups.filter(x, x.startsWith("team-"))' },
  map: { example: 'claims.groups.map(x, x + "/")' },
  ...Object.fromEntries(
    ['getFullYear', 'getMonth', 'getDate', 'getDayOfMonth', 'getDayOfWeek', 'getHours', 'getMinutes'].map((name) => [
      name,
      { on: 0, example: `now.${name}()` },
    ]),
  ),
}

type Misword = { at: number; message: string }

/** The first thing that may not be written, in the order of the text; undefined when all may. */
export function misword(tree: CelNode): Misword | undefined {
  return [...miswords(tree, [], false)].sort((a, b) => a.at - b.at)[0]
}

function* miswords(node: CelNode, bound: readonly string[], inMacro: boolean): Generator<Misword> {
  const says = (message: string): Misword => ({ at: node.at, message })
  switch (node.kind) {
    case 'literal':
      if (typeof node.value === 'bigint' && BigInt.asIntN(64, node.value) !== node.value)
        yield says(`${node.value} is no 64-bit integer`)
      break
    case 'name':
      yield* unknownName(node, [], bound)
      return
    case 'select':
    case 'call': {
      const path = pathOf(node)
      if (path) {
        yield* unknownName({ ...node, at: rootOf(node).at }, path, bound)
        return
      }
      if (node.kind === 'call' && /^\w+$/.test(node.name)) yield* wrongCall(node)
      break
    }
    case 'map':
      if (node.message !== '') yield says(`there is no message ${node.message} here`)
      break
    case 'macro':
      if (!/^[a-z_]\w*$/i.test(node.variable) || variables.includes(node.variable) || bound.includes(node.variable))
        yield says(`${node.variable} cannot be the name of a member here: take another, such as x`)
      if (inMacro) yield says(`${node.name} stands within another one: take them one after the other`)
      yield* miswords(node.range, bound, inMacro)
      for (const part of node.args) yield* miswords(part, [...bound, node.variable], true)
      return
  }
  for (const part of partsOf(node)) yield* miswords(part, bound, inMacro)
}

const rootOf = (node: CelNode): CelNode => {
  const below = node.kind === 'select' ? node.operand : node.kind === 'call' ? node.args[0] : undefined
  return below ? rootOf(below) : node
}

function* unknownName(node: CelNode, path: readonly string[], bound: readonly string[]): Generator<Misword> {
  const [root = node.kind === 'name' ? node.name : '', ...below] = path
  if (root === 'header' && below[0] !== undefined && !headerFields.includes(below[0]))
    yield { at: node.at, message: `the header has alg, kid and typ here, not ${below[0]}` }
  if (variables.includes(root) || bound.includes(root) || (types.includes(root) && below.length === 0)) return
  const written = [root, ...below].join('.')
  const near = nearest(root, [...variables, ...bound])
  // A word that stands for the token in other products, or the claim itself.
  const meant = near ?? (below.length > 0 ? 'claims' : `claims.${root}`)
  yield { at: node.at, message: `there is no ${written}: did you mean ${[meant, ...below].join('.')}?` }
}

function* wrongCall(node: CelNode & { kind: 'call' }): Generator<Misword> {
  const says = (message: string): Misword => ({ at: node.at, message })
  const signature = Object.hasOwn(functions, node.name) ? functions[node.name] : undefined
  if (!signature) {
    const near = nearest(node.name, Object.keys(functions))
    yield says(`there is no function ${node.name}${near ? `: did you mean ${near}?` : ''}`)
    return
  }
  const takes = node.target ? signature.on : signature.plain
  if (takes !== node.args.length) yield says(`${node.name} is not called like that: write ${signature.example}`)
  const [pattern] = node.args
  if (node.name === 'matches' && takes === 1 && !(pattern?.kind === 'literal' && typeof pattern.value === 'string'))
    yield { at: pattern?.at ?? node.at, message: 'the regular expression of matches must be written out, as a text' }
}

export function tooLarge(tree: CelNode): number | undefined {
  let count = 0
  for (const node of nodesOf(tree)) if (++count > limits.nodes) return node.at
  return undefined
}

/** The name that was probably meant: at most two letters away, or another letter case. */
function nearest(word: string, names: readonly string[]): string | undefined {
  const [best] = names
    .map((name) => ({ name, far: name.toLowerCase() === word.toLowerCase() ? 0 : distance(word, name) }))
    .sort((a, b) => a.far - b.far)
  return best && best.far <= Math.min(2, word.length - 2) ? best.name : undefined
}

/** Levenshtein's; of two neighbours swapped, two. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1]
    for (let j = 0; j < b.length; j++)
      next.push(
        Math.min((row[j + 1] as number) + 1, (next[j] as number) + 1, (row[j] as number) + (a[i] === b[j] ? 0 : 1)),
      )
    row = next
  }
  return row[b.length] as number
}
