import { type CelNode, nodesOf, partsOf, pathOf, patternsOf } from './cel-tree.ts'
import type { Scalar } from './policy.ts'
import { type RegexShape, regexShape } from './regex-shape.ts'

/**
 * What of an expression can be told without a token, for lint. `claim` is written as in a condition: a name of the top
 * level, or a JSON pointer. Where an expression is too clever, a fact is missing; none is ever said that is not so.
 */
export type CelFacts = {
  /** Claims that equal one value whenever the expression is true. */
  pins: readonly { claim: string; value: Scalar }[]
  /** Claims that are one of these whenever it is true: `in` a written list, or one of `||`. */
  lists: readonly { claim: string; values: readonly Scalar[] }[]
  /** Every claim that it reads, sorted. */
  claims: readonly string[]
  /** What it compares is only what must not be: `!=`, `!(… in …)`, `!….matches(…)`. */
  onlyNegations: boolean
  regexes: readonly (RegexShape & { claim: string | undefined; pattern: string })[]
  /** Of the outermost `||`, each; empty when there is none. */
  branches: readonly CelFacts[]
}

export function factsOf(tree: CelNode): CelFacts {
  const terms = tree.kind === 'and' ? tree.terms : [tree]
  const pins: { claim: string; value: Scalar }[] = []
  const lists: { claim: string; values: readonly Scalar[] }[] = []
  for (const term of terms)
    for (const { claim, values } of held(term)) {
      const [value, ...more] = values
      if (value !== undefined && more.length === 0) pins.push({ claim, value })
      else lists.push({ claim, values })
    }
  const nodes = [...nodesOf(tree)]
  return {
    pins,
    lists,
    claims: [...new Set(claimsOf(tree))].sort(),
    onlyNegations: !narrows(tree, false) && nodes.some(isNegation),
    regexes: patternsOf(nodes).map(({ pattern, target }) => ({
      claim: target && claimOf(target),
      pattern,
      ...regexShape(pattern),
    })),
    branches: tree.kind === 'or' ? tree.terms.map(factsOf) : [],
  }
}

type Held = { claim: string; values: readonly Scalar[] }

/** The claims that have one of these values when the term is true. */
function held(term: CelNode): Held[] {
  if (term.kind === 'and') return term.terms.flatMap(held)
  if (term.kind === 'or') {
    const [first = [], ...others] = term.terms.map(held)
    return first.flatMap(({ claim, values }) => {
      const more = others.map((branch) => branch.find((one) => one.claim === claim)?.values)
      return more.some((one) => one === undefined)
        ? []
        : [{ claim, values: [...new Set([...values, ...(more as (readonly Scalar[])[]).flat()])] }]
    })
  }
  if (term.kind !== 'call') return []
  const [left, right] = term.args
  if (!left || !right) return []
  if (term.name === '_==_') return [...equal(left, right), ...equal(right, left)]
  const values = right.kind === 'list' ? right.items.map(scalarOf) : []
  const claim = claimOf(left)
  return term.name === '@in' && claim !== undefined && values.length > 0 && values.every((one) => one !== undefined)
    ? [{ claim, values: [...new Set(values as Scalar[])] }]
    : []
}

function equal(side: CelNode, other: CelNode): Held[] {
  const claim = claimOf(side)
  const value = scalarOf(other)
  return claim === undefined || value === undefined ? [] : [{ claim, values: [value] }]
}

function scalarOf(node: CelNode): Scalar | undefined {
  if (node.kind !== 'literal' || node.value === null || typeof node.value === 'object') return undefined
  if (typeof node.value !== 'bigint') return node.value
  const number = Number(node.value)
  return Number.isSafeInteger(number) ? number : undefined
}

/** Undefined for what is no claim, and for the claims as a whole. */
function claimOf(node: CelNode): string | undefined {
  const [root, name, ...below] = pathOf(node) ?? []
  if (root !== 'claims' || name === undefined || (node.kind === 'select' && node.test)) return undefined
  if (below.length === 0 && !name.startsWith('/')) return name
  return [name, ...below].map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

function claimsOf(node: CelNode): string[] {
  const claim = claimOf(node.kind === 'select' ? { ...node, test: false } : node)
  return claim === undefined ? partsOf(node).flatMap(claimsOf) : [claim]
}

const isNegation = (node: CelNode) => node.kind === 'call' && (node.name === '!_' || node.name === '_!=_')

/** Whether the node, or its opposite, says what something must be, and not only what it must not be. */
function narrows(node: CelNode, negated: boolean): boolean {
  switch (node.kind) {
    case 'and':
    case 'or':
      // Of an `&&` one is enough; of an `||` each must, or the other one is open.
      return (node.kind === 'and') === negated
        ? node.terms.every((term) => narrows(term, negated))
        : node.terms.some((term) => narrows(term, negated))
    case 'call': {
      const [first, second, third] = node.args
      if (node.name === '!_' && first) return narrows(first, !negated)
      if (node.name === '_!=_') return negated
      if (node.name === '_?_:_' && second && third) return narrows(second, negated) && narrows(third, negated)
      return !negated && ofToken(node)
    }
    case 'literal':
      return false
    case 'macro': {
      const [test] = node.args
      return test === undefined || node.name === 'exists_one' ? !negated : narrows(test, negated)
    }
    default:
      return !negated
  }
}

/** The hour and the algorithm are everybody's. */
const ofToken = (node: CelNode) =>
  [...nodesOf(node)].some((part) => part.kind === 'name' && part.name !== 'now' && part.name !== 'header')
