import type { parse } from '@bufbuild/cel'

type Parsed = ReturnType<typeof parse>
type Expr = NonNullable<Parsed['expr']>

/** What the library parsed, as it was written: macros unexpanded, chains of `&&` and `||` flat. `at`: where in the source. */
export type CelNode = { id: number; at: number } & (
  | { kind: 'literal'; value: string | number | bigint | boolean | null | Uint8Array }
  | { kind: 'name'; name: string }
  /** `test`: has(operand.field). */
  | { kind: 'select'; operand: CelNode; field: string; test: boolean }
  /** Operators too, by the library's names: `_==_`, `!_`, `_[_]`, `_?_:_`, `@in`. */
  | { kind: 'call'; name: string; target?: CelNode; args: readonly CelNode[] }
  | { kind: 'and' | 'or'; terms: readonly CelNode[] }
  | { kind: 'list'; items: readonly CelNode[] }
  | { kind: 'map'; entries: readonly CelNode[]; message: string }
  /** `range.name(variable, ...args)`. */
  | { kind: 'macro'; name: string; range: CelNode; variable: string; args: readonly CelNode[] }
)

export function treeOf({ expr, sourceInfo }: Parsed): CelNode {
  const read = (expr: Expr | undefined): CelNode => {
    if (expr === undefined) throw new Error('an expression without its part')
    const here = { id: Number(expr.id), at: sourceInfo?.positions[String(expr.id)] ?? 0 }
    const { case: kind, value } = expr.exprKind
    switch (kind) {
      case 'constExpr':
        // The value of null is a number there.
        return {
          ...here,
          kind: 'literal',
          value:
            value.constantKind.case === 'nullValue'
              ? null
              : (value.constantKind.value as Extract<CelNode, { kind: 'literal' }>['value']),
        }
      case 'identExpr':
        return { ...here, kind: 'name', name: value.name }
      case 'selectExpr':
        return { ...here, kind: 'select', operand: read(value.operand), field: value.field, test: value.testOnly }
      case 'listExpr':
        return { ...here, kind: 'list', items: value.elements.map(read) }
      case 'structExpr': {
        const entries = value.entries.flatMap(({ keyKind, value }) =>
          keyKind.case === 'mapKey' ? [read(keyKind.value), read(value)] : [read(value)],
        )
        return { ...here, kind: 'map', entries, message: value.messageName }
      }
      case 'callExpr': {
        const args = value.args.map(read)
        if (value.function === '_&&_') return { ...here, kind: 'and', terms: flat('and', args) }
        if (value.function === '_||_') return { ...here, kind: 'or', terms: flat('or', args) }
        return {
          ...here,
          kind: 'call',
          name: value.function,
          args,
          ...(value.target && { target: read(value.target) }),
        }
      }
      case 'comprehensionExpr': {
        const written = sourceInfo?.macroCalls[String(expr.id)]?.exprKind
        const name = written?.case === 'callExpr' ? written.value.function : ''
        const step = argsOf(value.loopStep)
        const args = name === 'map' ? mapped(value.loopStep) : [step[name === 'exists' || name === 'all' ? 1 : 0]]
        return {
          ...here,
          kind: 'macro',
          name,
          range: read(value.iterRange),
          variable: value.iterVar,
          args: args.map(read),
        }
      }
      default:
        throw new Error('an expression of no kind')
    }
  }
  return read(expr)
}

/** `accu + [step]`, or `test ? accu + [step] : accu`. */
function mapped(step: Expr | undefined): (Expr | undefined)[] {
  const args = argsOf(step)
  if (args.length === 3) return [args[0], ...mapped(args[1])]
  return args[1]?.exprKind.case === 'listExpr' ? args[1].exprKind.value.elements : [undefined]
}

const argsOf = (expr: Expr | undefined) => (expr?.exprKind.case === 'callExpr' ? expr.exprKind.value.args : [])

const flat = (kind: 'and' | 'or', terms: readonly CelNode[]) =>
  terms.flatMap((term) => (term.kind === kind ? term.terms : [term]))

export function partsOf(node: CelNode): readonly CelNode[] {
  switch (node.kind) {
    case 'literal':
    case 'name':
      return []
    case 'select':
      return [node.operand]
    case 'call':
      return node.target ? [node.target, ...node.args] : node.args
    case 'and':
    case 'or':
      return node.terms
    case 'list':
      return node.items
    case 'map':
      return node.entries
    case 'macro':
      return [node.range, ...node.args]
  }
}

/** The node and all below it, as they are written. */
export function* nodesOf(node: CelNode): Generator<CelNode> {
  yield node
  for (const part of partsOf(node)) yield* nodesOf(part)
}

/**
 * The names from a variable down to a member, when all of them are written out: `claims.a["b-c"]` is
 * `['claims', 'a', 'b-c']`.
 */
export function pathOf(node: CelNode): readonly string[] | undefined {
  if (node.kind === 'name') return [node.name]
  if (node.kind === 'select') {
    const path = pathOf(node.operand)
    return path && [...path, node.field]
  }
  if (node.kind !== 'call' || node.name !== '_[_]') return undefined
  const [operand, key] = node.args
  const path = operand && pathOf(operand)
  return path && key?.kind === 'literal' && typeof key.value === 'string' ? [...path, key.value] : undefined
}

/**
 * The same expression, in which each turn of a macro pays for what is in it: its condition is asked through `@step`, with
 * the number of parts of the turn. What stands in a turn without a function would be free otherwise.
 */
export function paidFor<E extends Expr | undefined>(expr: E): E {
  if (expr === undefined) return expr
  const { case: kind, value } = expr.exprKind
  const again = <V>(value: V): E => ({ ...expr, exprKind: { case: kind, value } }) as E
  switch (kind) {
    case 'selectExpr':
      return again({ ...value, operand: paidFor(value.operand) })
    case 'callExpr':
      return again({ ...value, args: value.args.map(paidFor), ...(value.target && { target: paidFor(value.target) }) })
    case 'listExpr':
      return again({ ...value, elements: value.elements.map(paidFor) })
    case 'structExpr': {
      const entries = value.entries.map((entry) => ({
        ...entry,
        keyKind:
          entry.keyKind.case === 'mapKey' ? { ...entry.keyKind, value: paidFor(entry.keyKind.value) } : entry.keyKind,
        value: paidFor(entry.value),
      }))
      return again({ ...value, entries })
    }
    case 'comprehensionExpr': {
      const parts = {
        case: 'constExpr',
        value: { constantKind: { case: 'int64Value', value: countOf(value.loopStep) } },
      }
      const args = [{ id: expr.id, exprKind: parts }, value.loopCondition]
      const loopCondition = { id: expr.id, exprKind: { case: 'callExpr', value: { function: '@step', args } } }
      return again({ ...value, iterRange: paidFor(value.iterRange), loopStep: paidFor(value.loopStep), loopCondition })
    }
    default:
      return expr
  }
}

const countOf = (value: unknown): bigint => {
  if (typeof value !== 'object' || value === null) return 0n
  const own = 'exprKind' in value ? 1n : 0n
  return Object.values(value).reduce((sum, part) => sum + countOf(part), own)
}

/** The regular expressions, where they stand. */
export function patternsOf(nodes: readonly CelNode[]): { at: number; pattern: string; target: CelNode | undefined }[] {
  return nodes.flatMap((node) => {
    const pattern = node.kind === 'call' && node.name === 'matches' ? node.args[0] : undefined
    return node.kind === 'call' && pattern?.kind === 'literal' && typeof pattern.value === 'string'
      ? [{ at: pattern.at, pattern: pattern.value, target: node.target }]
      : []
  })
}
