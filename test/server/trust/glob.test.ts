import { expect } from 'chai'
import fc from 'fast-check'
import { compileGlob, isGlob, literalPrefix } from '../../../src/server/trust/glob.ts'

/** The same question, put to a regular expression. */
const asked = (pattern: string): RegExp =>
  new RegExp(
    `^${[...pattern].map((one) => (one === '*' ? '.*' : one === '?' ? '.' : one.replace(/[\\^$.|+()[\]{}/]/gu, '\\$&'))).join('')}$`,
    'su',
  )

describe('trust/glob', () => {
  const rows: [pattern: string, text: string, fits: boolean][] = [
    ['repo:acme/*', 'repo:acme/app:ref:refs/heads/main', true],
    ['repo:acme/*', 'repo:acme/', true],
    ['repo:acme/*', 'repo:acme', false],
    ['repo:acme/*', 'xrepo:acme/app', false],
    ['*:main', 'a:main', true],
    ['*:main', 'a:main ', false],
    ['a*b*c', 'abc', true],
    ['a*b*c', 'aXbYc', true],
    ['a*b*c', 'acb', false],
    ['a*a', 'a', false],
    ['ab*ba', 'aba', false],
    ['ab*ba', 'abba', true],
    ['*', '', true],
    ['**', 'anything', true],
    ['?', '', false],
    ['?', 'a', true],
    ['?', '🦊', true],
    ['??', '🦊', false],
    ['*?', '🦊', true],
    ['?*?', '🦊', false],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['*a?c', 'abcabc', true],
    ['*a?', 'ab', true],
    ['*b?', 'ab', false],
    ['v?.*', 'v1.2', true],
    ['!main', 'dev', false],
    ['!main', '!main', true],
    ['(a|b)', 'a', false],
    ['[ab]', 'a', false],
    ['.*', 'x', false],
    ['Repo', 'repo', false],
    ['.github/*', '.github/workflows', true],
    ['*', '.github', true],
  ]
  for (const [pattern, text, fits] of rows) {
    it(`${pattern} ${fits ? 'fits' : 'does not fit'} ${JSON.stringify(text)}`, () => {
      expect(compileGlob(pattern)(text)).to.equal(fits)
    })
  }

  it('agrees with a regular expression on everything', () => {
    const letters = fc.constantFrom('a', 'b', ':', '/', '🦊', '\n', '.', '\\', '!', '(', '$')
    const pattern = fc
      .array(fc.oneof(letters, fc.constantFrom('*', '?', '*')), { maxLength: 9 })
      .map((all) => all.join(''))
    const text = fc.array(letters, { maxLength: 12 }).map((all) => all.join(''))
    fc.assert(
      fc.property(pattern, text, (written, given) => {
        expect(compileGlob(written)(given), `${written} ${given}`).to.equal(asked(written).test(given))
      }),
      { numRuns: 5_000 },
    )
  })

  it('looks at a text as often as it has pieces to find, however it was made to mislead', () => {
    // A regular expression would not come back from these.
    const misleading = compileGlob(`${'*a'.repeat(500)}b`)
    expect(misleading('a'.repeat(16_000))).to.equal(false)
    const doubtful = compileGlob(`*${'a?'.repeat(400)}b*`)
    expect(doubtful('a'.repeat(16_000))).to.equal(false)
  })

  it('tells what every text that fits begins with', () => {
    expect(literalPrefix('repo:acme/*')).to.equal('repo:acme/')
    expect(literalPrefix('a?b*')).to.equal('a')
    expect(literalPrefix('exact')).to.equal('exact')
    expect(isGlob('a?b')).to.equal(true)
    expect(isGlob('a[b]')).to.equal(false)
  })

  it('keeps little more than its text: very many are in memory at once', () => {
    const letters = Array.from({ length: 1_000 }, (_, i) => String.fromCodePoint(0x4e00 + i)).join('')
    const before = process.memoryUsage()
    const globs = Array.from({ length: 400 }, () => compileGlob(`*?${letters}*`))
    const after = process.memoryUsage()
    expect(globs.every((fits) => fits(`-${letters}-`))).to.equal(true)
    expect(after.heapUsed + after.external - before.heapUsed - before.external).to.be.below(40e6)
  })
})
