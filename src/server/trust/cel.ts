/**
 * CEL (Common Expression Language) over the claims of a verified token, for what conditions cannot say. Rules of these files:
 * - Only `true` grants. False, an error, and anything that is no boolean deny, and say which.
 * - What an expression may say is judged once, when it is compiled (cel-names.ts); what it may cost, at each step
 *   (cel-limits.ts). An expression that does not depend on the token is refused: it narrows nothing, or grants never.
 * - `claims`: an integer is an `int`, another number a `double` (cel-values.ts); `header`: `alg`, `kid` and `typ`; `now`: a
 *   timestamp, of whole seconds.
 * - The library is loaded with the first expression; whoever has none does not wait for it.
 */
import type { CelInput, CelMap, CelValue } from '@bufbuild/cel'
import type { JsonObject } from '../../protocol/json.ts'
import { factsOf } from './cel-facts.ts'
import { faultAt } from './cel-fault.ts'
import { meteredFunctions } from './cel-functions.ts'
import { createMeter, createRest, limits, resting, tooDeep, tooMuch } from './cel-limits.ts'
import { misword, tooLarge } from './cel-names.ts'
import type { Cel, CelAnswer, CelProgram } from './cel-program.ts'
import { compileRegex, type Regex } from './cel-regex.ts'
import { nodesOf, paidFor, patternsOf, treeOf } from './cel-tree.ts'
import { celClaims } from './cel-values.ts'
import { notBoolean, parseFault, sayError } from './cel-words.ts'
import type { Evidence } from './compile.ts'

/** Takes about 0.2 s the first time. Keep what it returns: it is what the programs share. */
export async function loadCel(): Promise<Cel> {
  const [library, { RE2JS }] = await Promise.all([import('@bufbuild/cel'), import('@bufbuild/re2')])
  const { celEnv, celMap, celList, parse, plan, isCelError, celError, celType } = library
  const meter = createMeter()
  // Evaluations are synchronous: what runs is one program's.
  let running: ReadonlyMap<string, Regex> = new Map()
  const env = celEnv({ funcs: meteredFunctions(library, (pattern) => running.get(pattern), meter) })
  const timestampOf = plan(env, parse('timestamp(seconds)'))
  const converted = new WeakMap<JsonObject, CelMap | Error>()

  /** The library says of a member that is null that it is not there. */
  const map = (entries: Map<string, CelValue>) =>
    Object.assign(celMap(entries), { has: (name: CelValue) => typeof name === 'string' && entries.has(name) })

  /** Once per token, whatever the number of its programs. */
  const claimsOf = (claims: JsonObject): CelMap => {
    const known = converted.get(claims) ?? attempt(() => celClaims(claims, { map, list: celList }))
    converted.set(claims, known)
    if (known instanceof Error) throw known
    return known
  }

  const compile: Cel['compile'] = (source) => {
    const fault = (at: number, message: string): ReturnType<Cel['compile']> => ({
      ok: false,
      fault: faultAt(source, at, message),
    })
    if (source.length > limits.source)
      return fault(limits.source, `the expression is longer than ${limits.source} characters`)
    if (source.trim() === '') return fault(0, 'the expression is empty')
    const deep = tooDeep(source)
    if (deep !== undefined) return fault(deep, `brackets nest deeper than ${limits.nesting}`)
    // The library wants a line's end behind a comment.
    const parsed = attempt(() => parse(`${source}\n`))
    if (parsed instanceof Error) return { ok: false, fault: parseFault(source, parsed) }
    const tree = treeOf(parsed)
    const large = tooLarge(tree)
    if (large !== undefined) return fault(large, `the expression has more than ${limits.nodes} parts`)
    const wrong = misword(tree)
    if (wrong) return fault(wrong.at, wrong.message)
    const regexes = new Map<string, Regex>()
    const nodes = [...nodesOf(tree)]
    for (const { at, pattern } of patternsOf(nodes)) {
      const regex = attempt(() => compileRegex(pattern, RE2JS.compile.bind(RE2JS)))
      if (regex instanceof Error)
        return fault(at, regex.message.replace('error parsing regexp: ', 'no regular expression: '))
      regexes.set(pattern, regex)
    }
    const planned = attempt(() => plan(env, paidFor(parsed.expr)))
    if (planned instanceof Error) return fault(0, planned.message)

    const run = (bindings: Record<string, CelInput>) => {
      meter.fill()
      running = regexes
      return planned(bindings)
    }
    const unknown = celError('only a token can tell') as unknown as CelInput
    const constant = run(bare({ claims: unknown, header: unknown, now: unknown }))
    if (isCelError(constant)) {
      if (constant.message !== 'only a token can tell')
        return fault(nodes.find(({ id }) => BigInt(id) === constant.exprId)?.at ?? 0, sayError(constant, nodes))
    } else if (typeof constant !== 'boolean') return fault(0, notBoolean(celType(constant).name))
    else return fault(0, `it is ${constant} for every token: it ${constant ? 'narrows nothing' : 'never grants'}`)

    const usesNow = nodes.some((node) => node.kind === 'name' && node.name === 'now')
    const judge = ({ claims, header, now }: Evidence): Omit<CelAnswer, 'milliseconds'> => {
      try {
        const value = run(
          bare({
            claims: claimsOf(claims),
            header: celMap(new Map(headerNames.flatMap((name) => textOf(header, name)))),
            ...(usesNow && { now: timestampOf({ seconds: BigInt(Math.floor(now / 1000)) }) as CelInput }),
          }),
        )
        // `||` may have swallowed it.
        if (meter.left() < 0) return { outcome: 'error', message: tooMuch }
        if (isCelError(value)) return { outcome: 'error', message: sayError(value, nodes) }
        if (typeof value !== 'boolean') return { outcome: 'error', message: notBoolean(celType(value).name) }
        return { outcome: value ? 'true' : 'false' }
      } catch (error) {
        return { outcome: 'error', message: error instanceof Error ? error.message : String(error) }
      }
    }
    const rest = createRest()
    const evaluate: CelProgram['evaluate'] = (evidence, stopwatch) => {
      const began = stopwatch()
      if (rest.resting(began)) return { outcome: 'error', message: tired, late: true, milliseconds: 0 }
      const outcome = judge(evidence)
      const milliseconds = stopwatch() - began
      if (rest.ended(began + milliseconds, milliseconds, limits.work - meter.left()))
        return { ...outcome, milliseconds }
      const message = `it took ${Math.round(milliseconds)} ms, more than ${limits.milliseconds}`
      return { outcome: 'error', message, late: true, milliseconds }
    }
    return { ok: true, program: { source, facts: factsOf(tree), evaluate } }
  }
  return { compile }
}

const tired = `it rests: it took more than ${limits.milliseconds} ms ${resting.overruns} times within ${resting.within / 1000} s`
const headerNames = ['alg', 'kid', 'typ'] as const

const textOf = (header: JsonObject, name: string): [string, string][] => {
  const value = Object.hasOwn(header, name) ? header[name] : undefined
  return typeof value === 'string' ? [[name, value]] : []
}

/** Nothing inherited: `constructor` is no variable. */
const bare = (bindings: Record<string, CelInput>): Record<string, CelInput> =>
  Object.assign(Object.create(null), bindings)

function attempt<T>(deed: () => T): T | Error {
  try {
    return deed()
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}
