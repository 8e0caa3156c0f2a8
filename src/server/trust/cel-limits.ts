/**
 * How much a CEL expression may cost. An evaluation cannot be interrupted from outside, so it is paid for step by step:
 * every function of the language (cel-functions.ts) spends from a meter before it works, and an expression that spends
 * all of it ends with an error. The same claims cost the same everywhere, so that replicas agree.
 */
export const limits = {
  /** In characters, as all sizes here. */
  source: 1_024,
  nodes: 200,
  /** Brackets within brackets; the parser recurses. */
  nesting: 32,
  /** Of the claims, as JSON. */
  claims: 16_384,
  claimsDepth: 32,
  /** Members of a list in the claims, and what an expression may build. */
  list: 100,
  builtList: 1_000,
  builtText: 16_384,
  /** A regular expression: instructions of its program, states of its automaton. */
  instructions: 256,
  states: 256,
  /** Of an evaluation; a unit is about 0.1 µs on a machine that is not busy. */
  work: 200_000,
  /** Of an evaluation, by the clock. The meter ends it before, so this is for what the meter does not know. */
  milliseconds: 50,
} as const

/** A program that is too slow so many times `within` so many milliseconds rests for so many. */
export const resting = { overruns: 3, within: 60_000, milliseconds: 30_000 } as const

/** Not an error of the language: `||` and `&&` must not swallow it. */
export class WorkSpent extends Error {
  override readonly name = 'WorkSpent'
}

/** `left`: what was not spent; below 0 when there was not enough. */
export type Meter = { fill: () => void; spend: (units: number) => void; left: () => number }

export const tooMuch = 'it is too much work on these claims'

/** Filled anew for each evaluation; these are synchronous, so one meter serves all programs. */
export function createMeter(): Meter {
  let left = 0
  return {
    fill: () => {
      left = limits.work
    },
    spend: (units) => {
      left -= units
      if (left < 0) throw new WorkSpent(tooMuch)
    },
    left: () => left,
  }
}

const textOrComment =
  /\/\/[^\r\n]*|[bB]?[rR][bB]?("""|'''|"|')[\s\S]*?\1|[bB]?("""|'''|"|')(?:\\[\s\S]|(?!\2)[\s\S])*\2/g

/** The offset of the bracket that nests too deep, brackets in text and comments not counted; undefined when none does. */
export function tooDeep(source: string): number | undefined {
  const bare = source.replace(textOrComment, (skipped) => ' '.repeat(skipped.length))
  let depth = 0
  for (let at = 0; at < bare.length; at++) {
    if ('([{'.includes(bare[at] as string) && ++depth > limits.nesting) return at
    if (')]}'.includes(bare[at] as string)) depth--
  }
  return undefined
}

/**
 * Keeps count of slow evaluations of one program; `ended` says whether this one may stand. One that was slow and did
 * little is no fault of the program: the machine paused (others' work, or memory being collected), and a good policy must
 * not be refused for that. `now` and `took` in milliseconds of a clock that only goes forward.
 */
export function createRest(): {
  resting: (now: number) => boolean
  ended: (now: number, took: number, work: number) => boolean
} {
  let slow: number[] = []
  let until = Number.NEGATIVE_INFINITY
  return {
    resting: (now) => now < until,
    ended: (now, took, work) => {
      if (took <= limits.milliseconds || work < limits.work / 10) return true
      slow = [...slow.filter((at) => now - at < resting.within), now]
      if (slow.length >= resting.overruns) {
        until = now + resting.milliseconds
        slow = []
      }
      return false
    },
  }
}
