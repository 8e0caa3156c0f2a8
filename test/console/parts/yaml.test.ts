import { expect } from 'chai'
import { parse } from 'yaml'
import { quoted, word } from '../../../src/console/parts/quoted.ts'
import { yamlOf } from '../../../src/console/parts/yaml.ts'

describe('console/parts/yaml', () => {
  const things = [
    {
      organization: 'acme',
      issuers: { ci: { issuer: 'https://ci.example', audiences: ['acme', 'https://a.example/orgs/acme'] } },
    },
    { a: [], b: {}, c: null, d: 0, e: false, f: '', g: [[1, 2], [{ h: [{ i: 'j', k: 'l' }] }]] },
    {
      text: [
        'true',
        'No',
        '42',
        '1e3',
        '0x1f',
        '~',
        '- x',
        'a: b',
        'a #b',
        '#b',
        '*x',
        '&x',
        '!x',
        '%x',
        '@x',
        '`x',
        "it's",
        '"x"',
      ],
    },
    {
      'a: b': 'two\nlines\ttab',
      '1': ' space ',
      true: 'https://a.example:',
      ref: '2026-11-30',
      glob: 'repo:acme/*:ref',
    },
    ['a', { b: 1, c: [2] }, []],
  ]
  for (const thing of things)
    it(`is read as it was: ${JSON.stringify(thing).slice(0, 60)}`, () => {
      expect(parse(yamlOf(thing))).to.deep.equal(thing)
    })
  it('is written as people do', () => {
    expect(yamlOf({ issuers: { ci: { issuer: 'https://ci.example', single_use: true, none: undefined } } })).to.equal(
      'issuers:\n  ci:\n    issuer: https://ci.example\n    single_use: true',
    )
  })
})

describe('console/parts/quoted', () => {
  it('nothing ends it', () => {
    expect(quoted("it's; rm")).to.equal("'it'\\''s; rm'")
    expect(word('https://ci.example/a')).to.equal('https://ci.example/a')
    expect(word('$(rm)')).to.equal("'$(rm)'")
    expect(word('')).to.equal("''")
  })
})
