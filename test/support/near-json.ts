/** Texts that are JSON, or nearly: names that come again and in other spellings, odd numbers, odd white space, spoilt places. */
import fc from 'fast-check'

const spelt = (letter: string) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`
const names = [
  'alg',
  'kid',
  'typ',
  'crit',
  'b64',
  'iss',
  'sub',
  'aud',
  'exp',
  'iat',
  'a',
  'b',
  '',
  '__proto__',
  'constructor',
]
const name: fc.Arbitrary<string> = fc
  .tuple(fc.constantFrom(...names), fc.nat(15))
  .map(([plain, at]) => (at < plain.length ? plain.replace(plain[at] as string, spelt) : plain))
const anyName = fc.oneof(
  { weight: 9, arbitrary: name },
  { weight: 1, arbitrary: fc.string().map((text) => JSON.stringify(text).slice(1, -1)) },
)
const goodScalar = fc.constantFrom(
  '1',
  '-0',
  '1E2',
  '1.5',
  '0.1e-7',
  'true',
  'false',
  'null',
  '""',
  '"a"',
  '"RS256"',
  '"at+jwt"',
  '"\\ud83d\\ude00"',
  '"\\\\"',
  '"\\""',
  '"{:}"',
  '"[,]"',
  '"\\/"',
  '"\u2028"',
  '"\\u000a"',
)
const badScalar = fc.constantFrom(
  '1e400',
  '-1e400',
  '01',
  '+1',
  '1.',
  '.5',
  'NaN',
  'nul',
  '"\\ud800"',
  '"\\x"',
  '"\t"',
  '"',
  '"\ud800"',
)
const blank = fc.constantFrom('', '', '', ' ', '\n', '\t', '\u00a0', '\ufeff')

/** Values and members whose grammar is good, if their scalars are. */
const valuesOf = (scalar: fc.Arbitrary<string>) =>
  fc.letrec<{ value: string; list: string; object: string }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 6, withCrossShrink: true },
      { weight: 4, arbitrary: scalar },
      { weight: 2, arbitrary: tie('object') },
      { weight: 1, arbitrary: tie('list') },
    ),
    list: fc.array(tie('value'), { maxLength: 4 }).map((items) => `[${items.join()}]`),
    object: fc
      .array(fc.tuple(anyName, tie('value')), { maxLength: 5 })
      .map((members) => `{${members.map(([one, of]) => `"${one}":${of}`).join()}}`),
  }))
const { object: goodObject } = valuesOf(goodScalar)
const { value } = valuesOf(fc.oneof({ weight: 9, arbitrary: goodScalar }, { weight: 1, arbitrary: badScalar }))

/** Text that JSON.stringify would write, of an object: nothing is wrong with it but what it says. */
export const properObject = fc
  .dictionary(fc.oneof(fc.constantFrom(...names), fc.string()), fc.jsonValue())
  .map((one) => JSON.stringify(one))
const deepText = fc
  .tuple(fc.nat(20), fc.constantFrom(['[', ']'], ['{"a":', '}'], ['[{"b":', '}]']))
  .map(([depth, [open, close]]) => `{"deep":${open?.repeat(depth)}1${close?.repeat(depth)}}`)
const wideText = fc
  .integer({ min: 195, max: 205 })
  .map((n) => `{${Array.from({ length: n }, (_, i) => `"${i}":1`).join()}}`)
const nearObject = fc
  .tuple(blank, fc.array(fc.tuple(anyName, blank, value, blank), { maxLength: 6 }), blank)
  .map(
    ([before, members, after]) =>
      `${before}{${members.map(([one, b, of, c]) => `${b}"${one}"${c}:${b}${of}${c}`).join()}}${after}`,
  )

/** Changes at any place: a letter that is turned into another, taken away, or put in. */
export const spoilt = (text: fc.Arbitrary<string>, letters: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(
      text,
      fc.array(fc.tuple(fc.nat(), fc.constantFrom('turn', 'take', 'put', 'double', 'cut'), letters), { maxLength: 3 }),
    )
    .map(([given, changes]) =>
      changes.reduce((now, [place, kind, letter]) => {
        const at = now.length === 0 ? 0 : place % now.length
        if (kind === 'turn') return now.slice(0, at) + letter + now.slice(at + 1)
        if (kind === 'take') return now.slice(0, at) + now.slice(at + 1)
        if (kind === 'put') return now.slice(0, at) + letter + now.slice(at)
        if (kind === 'double') return now.slice(0, at) + now.slice(Math.max(0, at - 9))
        return now.slice(0, at)
      }, given),
    )

const jsonLetters = fc.constantFrom(
  '"',
  '\\',
  ':',
  ',',
  '{',
  '}',
  '[',
  ']',
  ' ',
  '\n',
  '0',
  'e',
  '-',
  'u',
  'd',
  '\0',
  '\ufeff',
  '\ud800',
  'é',
)
export const nearJson: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: goodObject },
  { weight: 2, arbitrary: nearObject },
  { weight: 2, arbitrary: properObject },
  { weight: 2, arbitrary: spoilt(properObject, jsonLetters) },
  { weight: 2, arbitrary: spoilt(nearObject, jsonLetters) },
  { weight: 1, arbitrary: deepText },
  { weight: 1, arbitrary: wideText },
  { weight: 1, arbitrary: value },
)
