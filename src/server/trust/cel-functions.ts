/**
 * The functions of CEL as they are evaluated here: the library's, each of which first pays for its work (cel-limits.ts),
 * and a few of ours where the library's would be lax or unbounded. The names that may be written: cel-names.ts.
 */
import type { CelFunc, CelType, CelValue } from '@bufbuild/cel'
import { limits, type Meter } from './cel-limits.ts'
import type { Regex } from './cel-regex.ts'

type Library = Pick<
  typeof import('@bufbuild/cel'),
  'celEnv' | 'celFunc' | 'celMethod' | 'celList' | 'CelScalar' | 'listType' | 'objectType' | 'isCelList' | 'isCelMap'
>

/** The regular expressions of the program that runs. */
type RegexOf = (pattern: string) => Regex | undefined

const timeParts: Record<string, (at: Date) => number> = {
  getFullYear: (at) => at.getUTCFullYear(),
  getMonth: (at) => at.getUTCMonth(),
  getDate: (at) => at.getUTCDate(),
  getDayOfMonth: (at) => at.getUTCDate() - 1,
  getDayOfWeek: (at) => at.getUTCDay(),
  getHours: (at) => at.getUTCHours(),
  getMinutes: (at) => at.getUTCMinutes(),
}

/** An overload's price, tried or called, beside what its texts cost. */
const perCall = 3
/** Of each part of a macro, at each turn. */
const perPart = 25
/** They make and read messages of protocol buffers. */
const ofTime = new Set(['timestamp', 'duration', 'string', ...Object.keys(timeParts)])
const perTime = 40

export function meteredFunctions(library: Library, regexOf: RegexOf, meter: Meter): CelFunc[] {
  const { isCelList, isCelMap } = library

  /** Walks what it weighs, so that it stops when the meter is empty: a built list may hold one list a million times. */
  const weigh = (value: CelValue): void => {
    if (typeof value === 'string') meter.spend(1 + value.length / 64)
    else if (isCelList(value)) {
      meter.spend(2)
      for (const member of value) weigh(member)
    } else if (isCelMap(value)) {
      meter.spend(2)
      for (const [, member] of value) {
        meter.spend(2)
        weigh(member)
      }
    } else meter.spend(1)
  }

  const price = (name: string, args: readonly CelValue[]): void => {
    meter.spend(name === '@step' ? Number(args[0]) * perPart : perCall)
    if (ofTime.has(name)) meter.spend(perTime)
    for (const value of args) {
      if (typeof value === 'string') meter.spend(value.length / 8)
      else if (name === '_==_' || name === '_!=_' || name === '@in') weigh(value)
    }
    const [text, part] = args
    // The search for a text in a text may compare all with all.
    if (name === 'contains' && typeof text === 'string' && typeof part === 'string')
      meter.spend((text.length * part.length) / 64)
  }

  const metered = (func: CelFunc): CelFunc =>
    Object.create(func, {
      call: {
        value: (id: number, target: CelValue | undefined, args: CelValue[]) => {
          price(func.name, target === undefined ? args : [target, ...args])
          return func.call(id, target, args)
        },
      },
    }) as CelFunc

  const ours = ownFunctions(library, regexOf, meter)
  const replaced = new Set(ours.map(({ id }) => id))
  const theirs = [...library.celEnv().funcs].filter(({ id }) => !replaced.has(id))
  return [...theirs, ...ours].map(metered)
}

function ownFunctions(library: Library, regexOf: RegexOf, meter: Meter): CelFunc[] {
  const { celFunc, celMethod, celList, CelScalar, listType, objectType } = library
  const { BOOL, DOUBLE, DYN, INT, STRING } = CelScalar
  const list = listType(DYN)
  const timestamp = objectType('google.protobuf.Timestamp')
  const ofSeconds = [...library.celEnv().funcs].find(({ id }) => id === 'timestamp(int)') as CelFunc

  const shortEnough = (length: number) => {
    if (length > limits.builtText) throw new Error(`a text longer than ${limits.builtText} characters`)
  }
  return [
    // A turn of a macro (cel-tree.ts).
    celFunc('@step', [INT, BOOL], BOOL, (_parts, goesOn) => goesOn),
    celFunc('_+_', [STRING, STRING], STRING, (left, right) => {
      shortEnough(left.length + right.length)
      return left + right
    }),
    // The library's is a tree of lists, walked anew at each access.
    celFunc('_+_', [list, list], list, (left, right) => {
      meter.spend(left.size + right.size)
      if (left.size + right.size > limits.builtList) throw new Error(`a list longer than ${limits.builtList} members`)
      return celList([...left, ...right])
    }),
    celMethod('matches', STRING, [STRING], BOOL, function (pattern) {
      const regex = regexOf(pattern)
      if (!regex) throw new Error('a regular expression that is not written out')
      meter.spend(this.length * regex.units)
      return regex.test(this)
    }),
    // The library reads "" as 0, and hexadecimal.
    celFunc('int', [STRING], INT, (text) => {
      if (!/^-?\d{1,19}$/.test(text)) throw new Error('the text is no integer')
      return inRange(BigInt(text))
    }),
    celFunc('double', [STRING], DOUBLE, (text) => {
      if (!/^-?\d+(\.\d+)?([eE][-+]?\d+)?$/.test(text)) throw new Error('the text is no number')
      return Number(text)
    }),
    // Of seconds, as CEL has it and `exp` and `iat` are written; the library reads milliseconds.
    Object.create(ofSeconds, {
      call: {
        value: (id: number, target: CelValue | undefined, args: CelValue[]) => {
          const [seconds] = args
          return ofSeconds.call(id, target, typeof seconds === 'bigint' ? [seconds * 1000n] : args)
        },
      },
    }) as CelFunc,
    // In UTC, whatever the time zone of this machine is.
    ...Object.entries(timeParts).map(([name, part]) =>
      celMethod(name, timestamp as CelType, [], INT, function (this: unknown) {
        const { seconds } = (this as { message: { seconds: bigint } }).message
        return BigInt(part(new Date(Number(seconds) * 1000)))
      }),
    ),
  ]
}

function inRange(value: bigint): bigint {
  if (BigInt.asIntN(64, value) !== value) throw new Error('int overflow')
  return value
}
