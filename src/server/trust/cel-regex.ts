/**
 * Regular expressions of CEL: RE2's syntax, searched anywhere in the text, without backtracking. Linear is not yet
 * cheap: `(a|b)*a(a|b){30}` has a billion states, and the library then falls back to a walk that took 9 s on 16 KiB
 * (measured). Ours ends with an error instead, and keeps the automaton, which grows with the texts it saw, small.
 */
import type { RE2JS } from '@bufbuild/re2'
import { limits } from './cel-limits.ts'

/** `units`: what a character of text costs at most, in the meter's units: a step that the automaton has not seen before. */
export type Regex = { test: (text: string) => boolean; units: number }

/** Thrown by `test`. */
class TooManyStates extends Error {}

/** After so many characters the automaton is forgotten: it remembers every character that it met. */
const forgetAfter = 65_536

/** Throws an Error with one sentence when it is no regular expression, or too large. */
export function compileRegex(pattern: string, compile: (typeof RE2JS)['compile']): Regex {
  if (repeats(pattern) > limits.instructions) throw new Error(tooLarge)
  const compiled = compile(pattern)
  const { prog, dfa } = compiled.re2()
  const instructions = prog.inst.length
  if (instructions > limits.instructions) throw new Error(tooLarge)
  const forget = () => {
    dfa.stateCache.clear()
    Object.assign(dfa, { stateCount: 0, startState: null, cacheClears: 0, failed: false, stateLimit: limits.states })
  }
  compiled.re2()._nfaFallback = () => {
    throw new TooManyStates('a regular expression has too many states on this text')
  }
  forget()
  let seen = 0
  return {
    units: instructions * 1.5,
    test: (text) => {
      seen += text.length
      if (seen > forgetAfter) {
        forget()
        seen = text.length
      }
      try {
        return compiled.test(text)
      } catch (error) {
        if (!(error instanceof TooManyStates)) throw error
        // Perhaps other texts had filled it.
        forget()
        return compiled.test(text)
      }
    },
  }
}

const tooLarge = 'the regular expression is too large'

/** How often the counted repetitions repeat, all together: they are unrolled before anybody could look at the size. */
const repeats = (pattern: string) =>
  [...pattern.matchAll(/\{(\d+)(?:,(\d*))?\}/g)].reduce((sum, [, from, to]) => sum + Number(to || from), 0)
