/** Issuers in turn: an audience is given up before another takes it, since at no moment two may have it. */
import type { Fault } from './fault.ts'
import { placeInFile } from './members.ts'
import type { Step } from './plan.ts'

/** The steps, those of issuers in such an order. A fault: where each waits for the other. */
export function inTurns(steps: readonly Step[]): { steps: Step[]; faults: Fault[] } {
  const left = new Set(steps.filter(({ change }) => change.kind === 'issuer' && change.action !== 'delete'))
  const givers = new Map<string, Step>()
  for (const step of left) for (const pair of pairsOf(step.there, step.wanted)) givers.set(pair, step)
  const takesFrom = new Map(
    [...left].map((step) => [step, pairsOf(step.wanted, step.there).flatMap((pair) => givers.get(pair) ?? [])]),
  )
  const waits = (step: Step) => takesFrom.get(step)?.find((giver) => left.has(giver))
  const inTurn: Step[] = []
  for (let before = -1; before !== inTurn.length; ) {
    before = inTurn.length
    for (const step of left) if (!waits(step) && left.delete(step)) inTurn.push(step)
  }
  const faults = [...left].map(({ change: { path } }) => ({
    path: [...placeInFile(path), 'audiences'],
    message: 'takes an audience from an issuer that takes one in exchange: apply it with one of them first, then both',
  }))
  inTurn.push(...left)
  const ordered = inTurn[Symbol.iterator]()
  const isOne = new Set(inTurn)
  return { steps: steps.map((step) => (isOne.has(step) ? (ordered.next().value ?? step) : step)), faults }
}

type Audiences = Step['wanted'] | Step['there']

/** Of issuer URL and audience, what one has and the other has not. */
function pairsOf(one: Audiences, other: Audiences): string[] {
  const had = new Set(audiencesOf(other))
  return audiencesOf(one)
    .filter((audience) => !had.has(audience))
    .map((audience) => JSON.stringify([one?.members.issuer, audience]))
}

const audiencesOf = (one: Audiences) => (one?.members.audiences ?? []) as readonly string[]
