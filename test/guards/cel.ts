/** What an expression may be, what it may cost, and that nothing but true grants. */
import type { Guard } from './guards.ts'

const test = 'test/server/trust/cel.test.ts'
const at = (name: string) => ({ file: `src/server/trust/${name}.ts`, test })

export const celGuards: readonly Guard[] = [
  { line: 'an expression is short', ...at('cel'), cut: 'source.length > limits.source', put: 'false' },
  { line: 'brackets do not nest deep', ...at('cel'), cut: 'deep !== undefined', put: 'false' },
  { line: 'an expression has few parts', ...at('cel'), cut: 'large !== undefined', put: 'false' },
  {
    line: 'only what is known is called',
    ...at('cel'),
    cut: 'if (wrong) return',
    put: 'if (!wrong && tree === undefined) return',
  },
  {
    line: 'what is constant is refused',
    ...at('cel'),
    cut: "typeof constant !== 'boolean'",
    put: "typeof constant === 'string'",
    and: {
      cut: 'else return fault(0, `it is ${constant}',
      put: 'else if (!constant) return fault(0, `it is ${constant}',
    },
  },
  {
    line: 'what is no boolean denies',
    ...at('cel'),
    cut: "if (typeof value !== 'boolean')",
    put: 'if (value === undefined)',
  },
  {
    line: 'what was too much work denies, whatever came of it',
    ...at('cel'),
    cut: 'if (meter.left() < 0)',
    put: 'if (false)',
  },
  { line: 'a macro does not stand within another', ...at('cel-names'), cut: 'if (inMacro)', put: 'if (false)' },
  { line: 'a macro does not hide the claims', ...at('cel-names'), cut: 'variables.includes(node.variable) ||' },
  {
    line: 'a regular expression is written out',
    ...at('cel-names'),
    cut: "node.name === 'matches' && takes === 1",
    put: 'false',
  },
  {
    line: 'three members of the header are seen',
    ...at('cel-names'),
    cut: '!headerFields.includes(below[0])',
    put: 'false',
  },
  { line: 'the claims are small', ...at('cel-values'), cut: 'size > limits.claims', put: 'false' },
  { line: 'lists in the claims are short', ...at('cel-values'), cut: 'json.length > limits.list', put: 'false' },
  {
    line: 'the claims do not nest deep',
    ...at('cel-values'),
    cut: 'if (depth > limits.claimsDepth)',
    put: 'if (false)',
  },
  {
    line: 'text does not grow without end',
    ...at('cel-functions'),
    cut: 'if (length > limits.builtText)',
    put: 'if (false)',
  },
  {
    line: 'lists do not grow without end',
    ...at('cel-functions'),
    cut: 'if (left.size + right.size > limits.builtList)',
    put: 'if (false)',
  },
  { line: 'comparing is paid for', ...at('cel-functions'), cut: 'weigh(value)\n    }', put: 'meter.spend(1)\n    }' },
  { line: 'text that is no integer is none', ...at('cel-functions'), cut: '!/^-?\\d{1,19}$/.test(text)', put: 'false' },
  {
    line: 'a regular expression with too many states is not walked',
    ...at('cel-regex'),
    cut: 'compiled.re2()._nfaFallback = () => {',
    put: 'void function () {',
  },
  {
    line: 'the program of a regular expression is small',
    ...at('cel-regex'),
    cut: 'if (instructions > limits.instructions)',
    put: 'if (false)',
  },
  { line: 'what took too long denies', ...at('cel-limits'), cut: 'took <= limits.milliseconds ||', put: 'true ||' },
  { line: 'a slow program rests', ...at('cel-limits'), cut: 'until = now + resting.milliseconds' },
  { line: 'a pause of the machine is no fault', ...at('cel-limits'), cut: ' || work < limits.work / 10' },
]
