import { expect } from 'chai'
import { quoted } from '../../../src/server/issuers/quoted.ts'

describe('issuers/quoted', () => {
  const cases: [what: string, value: string, expected: string][] = [
    ['an ordinary value', 'https://idp.example', "'https://idp.example'"],
    ['an empty one', '', "''"],
    ['quotes, backslashes and line ends', '"a\\b\r\n', "'?a?b??'"],
    ['letters beyond ASCII, one mark for each', 'é😀', "'??'"],
    ['120 characters, whole', 'a'.repeat(120), `'${'a'.repeat(120)}'`],
    ['121 characters, shortened to 120', 'a'.repeat(121), `'${'a'.repeat(117)}...'`],
  ]
  for (const [what, value, expected] of cases) it(`quotes ${what}`, () => expect(quoted(value)).to.equal(expected))
})
