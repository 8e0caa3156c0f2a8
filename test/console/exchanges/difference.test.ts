/** Expected and received side by side: what is marked, and what is said of it. */
import { expect } from 'chai'
import { compared } from '../../../src/console/pages/exchanges/compared.ts'
import { difference, globDifference, type Piece } from '../../../src/console/pages/exchanges/difference.ts'
import { requestIdIn } from '../../../src/console/pages/exchanges/request-id.ts'
import { visible } from '../../../src/console/pages/exchanges/visible.ts'

/** `[…]` differs, `^` is missing, `{*}` is wild. */
const drawn = (pieces: readonly Piece[]) =>
  pieces.map(({ kind, text }) => ({ same: text, differs: `[${text}]`, missing: '^', wild: `{${text}}` })[kind]).join('')

describe('console/exchanges: the difference', () => {
  const texts: [what: string, expected: string, received: string, drawn: [string, string], ways: string[]][] = [
    ['nothing', 'job:train', 'job:train', ['job:train', 'job:train'], []],
    ['all', 'abc', 'xyz', ['[abc]', '[xyz]'], []],
    [
      'what stands between the same ends',
      'repo:a/x:main',
      'repo:a/yy:main',
      ['repo:a/[x]:main', 'repo:a/[yy]:main'],
      [],
    ],
    ['the end', 'refs/heads/main', 'refs/heads/next', ['refs/heads/[main]', 'refs/heads/[next]'], []],
    ['what one has beyond', 'train', 'trainer', ['train^', 'train[er]'], []],
    ['letter case', 'repo:Acme/App', 'repo:acme/app', ['repo:[A]cme/[A]pp', 'repo:[a]cme/[a]pp'], ['letter_case']],
    [
      'a slash at the end',
      'https://ci.example/',
      'https://ci.example',
      ['https://ci.example[/]', 'https://ci.example^'],
      ['trailing_slash'],
    ],
    [
      'a slash and the case',
      'https://CI/',
      'https://ci',
      ['https://[CI][/]', 'https://[ci]'],
      ['trailing_slash', 'letter_case'],
    ],
    ['a space at the end', 'job', 'job ', ['job^', 'job[ ]'], ['white_space']],
    ['a line end', 'job', 'job\n', ['job^', 'job[\n]'], ['white_space']],
    ['another space', 'a b', 'a\u00a0b', ['a[ ]b', 'a[\u00a0]b'], ['white_space']],
    ['a character that is not seen', 'job', 'jo\u200bb', ['jo^b', 'jo[\u200b]b'], ['invisible']],
    ['a letter of another script', 'acme', '\u0430cme', ['[a]cme', '[\u0430]cme'], ['look_alike']],
    [
      'the form with ids',
      'repo:acme/app:ref:main',
      'repo:acme@12/app@345:ref:main',
      ['repo:acme^/app^:ref:main', 'repo:acme[@12]/app[@345]:ref:main'],
      ['id_form'],
    ],
    [
      'a name in two places',
      'repo:acme/app:environment:prod',
      'repo:acme/web:environment:test',
      ['repo:acme/[app]:environment:[prod]', 'repo:acme/[web]:environment:[test]'],
      [],
    ],
    ['a character of two halves', 'job😀', 'job😁', ['job[😀]', 'job[😁]'], []],
    ['nothing came', 'job', '', ['[job]', '^'], []],
  ]
  for (const [what, expected, received, shown, ways] of texts)
    it(`marks ${what}`, () => {
      const found = difference(expected, received)
      expect([drawn(found.expected), drawn(found.received)]).to.deep.equal(
        // Pieces of one kind that touch are one.
        shown.map((text) => text.replaceAll('][', '')),
      )
      expect(found.ways).to.have.members(ways)
      const textOf = (pieces: readonly Piece[]) => pieces.map(({ text }) => text).join('')
      expect([textOf(found.expected), textOf(found.received)]).to.deep.equal([expected, received])
    })

  const globs: [what: string, pattern: string, received: string, drawn: [string, string]][] = [
    [
      'where it stops to fit',
      'repo:acme/*:ref:main',
      'repo:acme/app:ref:next',
      ['repo:acme/{*}:ref:[main]', 'repo:acme/app:ref:[next]'],
    ],
    ['the beginning', 'repo:acme/*', 'repo:other/app', ['repo:[acme/*]', 'repo:[other/app]']],
    ['a text that goes on', 'job-?', 'job-12', ['job-{?}^', 'job-1[2]']],
    ['a text that ends early', 'job-*-end', 'job-1', ['job-{*}[-end]', 'job-[1]']],
    ['nothing where all fits', 'job-*', 'job-1', ['job-{*}', 'job-1']],
  ]
  for (const [what, pattern, received, shown] of globs)
    it(`marks of a pattern ${what}`, () => {
      const found = globDifference(pattern, received)
      expect([drawn(found.expected), drawn(found.received)]).to.deep.equal(shown)
    })

  it('is quick on the longest texts, whatever they are made of', () => {
    const begun = performance.now()
    difference('a:'.repeat(512), 'b:'.repeat(512))
    difference(`x${'ab'.repeat(511)}`, `y${'ba'.repeat(511)}`)
    globDifference('*a'.repeat(512), 'a'.repeat(1024))
    expect(performance.now() - begun).to.be.below(2_000)
  })
})

describe('console/exchanges: two values', () => {
  const side = (values: ReturnType<typeof compared>['expected']) =>
    values.map(({ pieces, is }) => drawn(pieces) + (is ? ` (${is})` : ''))
  const cases: [
    what: string,
    expected: unknown,
    received: unknown,
    op: string,
    shown: [string[], string[]],
    ways: string[],
  ][] = [
    ['texts', 'main', 'next', 'equals', [['[main]'], ['[next]']], []],
    ['a text and a boolean', true, 'true', 'equals', [['[true] (boolean)'], ['[true] (text)']], ['kind']],
    ['numbers', 74, 75, 'equals', [['[74] (number)'], ['[75] (number)']], []],
    ['nothing that came', 'main', null, 'equals', [['[main]'], []], []],
    [
      'the nearest of several',
      ['https://a.example/orgs/acme', 'acme'],
      ['https://a.example/orgs/Acme'],
      'in',
      [['https://a.example/orgs/[a]cme', '[acme]'], ['https://a.example/orgs/[A]cme']],
      ['letter_case'],
    ],
    ['a pattern', 'job-*', 'task-1', 'glob', [['[job-*]'], ['[task-1]']], []],
    [
      'an expression, which is not compared',
      'claims.a == 1',
      false,
      'cel',
      [['claims.a == 1 (text)'], ['false (boolean)']],
      [],
    ],
    ['an object', { a: 1 }, 'x', 'equals', [['[{"a":1}] (object)'], ['[x] (text)']], []],
  ]
  for (const [what, expected, received, op, shown, ways] of cases)
    it(`shows ${what}`, () => {
      const found = compared(expected, received, { op })
      expect([side(found.expected), side(found.received)]).to.deep.equal(shown)
      expect(found.ways).to.deep.equal(ways)
    })

  it('marks nothing where it holds', () => {
    const found = compared(['a', 'b'], ['b', 'c'], { holds: true })
    expect([side(found.expected), side(found.received)]).to.deep.equal([
      ['a', 'b'],
      ['b', 'c'],
    ])
  })
})

describe('console/exchanges: what nobody sees', () => {
  const cases: [text: string, marked: boolean, shown: string][] = [
    ['a b', false, 'a b'],
    ['a b', true, 'a<␣>b'],
    ['a\t', false, 'a<⇥>'],
    ['a\r\n', false, 'a<␍><⏎>'],
    ['a\u00a0b', false, 'a<U+00A0>b'],
    ['a\u202eb\u200b', false, 'a<U+202E>b<U+200B>'],
    ['\u0430b', true, '<\u0430 U+0430>b'],
    ['größe', false, 'größe'],
    ['<img src=x>', false, '<img src=x>'],
  ]
  for (const [text, marked, shown] of cases)
    it(`is seen: ${JSON.stringify(text)}${marked ? ', where it differs' : ''}`, () => {
      expect(
        visible(text, marked)
          .map(({ text, isSign }) => (isSign ? `<${text}>` : text))
          .join(''),
      ).to.equal(shown)
    })
})

describe('console/exchanges: a request id', () => {
  const id = 'req_01jf0000000000000000000abc'
  const cases: [text: string, found: string | undefined][] = [
    [id, id],
    [`  request: ${id} (no_account_matches)\n`, id],
    [`{"request_id":"${id}","reason":"x"}`, id],
    [id.toUpperCase(), id],
    [`https://countersign.example/acme/exchanges/${id}?x=1`, id],
    ['req_1', undefined],
    [`${id}x`, undefined],
    ['req_01jf0000000000000000000abu', undefined],
    ['', undefined],
  ]
  for (const [text, found] of cases)
    it(`is found in ${JSON.stringify(text)}`, () => expect(requestIdIn(text)).to.equal(found))
})
