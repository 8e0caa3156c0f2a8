import { expect } from 'chai'
import { loadCel } from '../../../src/server/trust/cel.ts'
import type { CelFacts } from '../../../src/server/trust/cel-facts.ts'
import type { Cel } from '../../../src/server/trust/cel-program.ts'
import { type RegexShape, regexShape } from '../../../src/server/trust/regex-shape.ts'

describe('trust/cel-facts', () => {
  let cel: Cel
  before(async () => {
    cel = await loadCel()
  })
  const factsOf = (source: string): CelFacts => {
    const compiled = cel.compile(source)
    if (!compiled.ok) throw new Error(compiled.fault.message)
    return compiled.program.facts
  }

  const held: [source: string, pins: CelFacts['pins'], lists?: CelFacts['lists']][] = [
    ['claims.a == "x"', [{ claim: 'a', value: 'x' }]],
    ['"x" == claims.a', [{ claim: 'a', value: 'x' }]],
    [
      'claims["a"] == 5 && claims.b == true',
      [
        { claim: 'a', value: 5 },
        { claim: 'b', value: true },
      ],
    ],
    [
      '(claims.a == "x" && (claims.b == 1.5)) && has(claims.c)',
      [
        { claim: 'a', value: 'x' },
        { claim: 'b', value: 1.5 },
      ],
    ],
    ['claims["kubernetes.io"].namespace == "ci"', [{ claim: '/kubernetes.io/namespace', value: 'ci' }]],
    ['claims["/a~b"] == "ci"', [{ claim: '/~1a~0b', value: 'ci' }]],
    ['claims["https://a.example/org"] == "1"', [{ claim: 'https://a.example/org', value: '1' }]],
    ['claims.a in ["x"]', [{ claim: 'a', value: 'x' }]],
    ['claims.a in ["x", "y", "x"]', [], [{ claim: 'a', values: ['x', 'y'] }]],
    ['claims.a == "x" || claims.a == "y"', [], [{ claim: 'a', values: ['x', 'y'] }]],
    ['claims.b && (claims.a == "x" || claims.a in ["y", "z"])', [], [{ claim: 'a', values: ['x', 'y', 'z'] }]],
    ['(claims.a == "x" && claims.b == 1) || (claims.b == 1 && claims.c == 2)', [{ claim: 'b', value: 1 }]],
    ['claims.a == "x" || claims.b == "y"', []],
    ['claims.a != "x"', []],
    ['!(claims.a == "x")', []],
    ['!(claims.a in ["x", "y"])', []],
    ['claims.a == null', []],
    ['claims.a == claims.b', []],
    ['claims.a in [claims.b, "x"]', []],
    ['claims.a in []', []],
    ['"x" in claims.a', []],
    ['claims.a[0] == "x"', []],
    ['header.kid == "x"', []],
    ['claims.l.all(x, claims.a == "x")', []],
    ['claims.b ? claims.a == "x" : claims.a == "y"', []],
    ['claims.a == 9007199254740993', []],
    ['has(claims.a) == true', []],
    ['size(claims.a) == 1', []],
  ]
  for (const [source, pins, lists = []] of held) {
    it(`knows what is held by ${source}`, () => {
      const facts = factsOf(source)
      expect(facts.pins).to.deep.equal(pins)
      expect(facts.lists).to.deep.equal(lists)
    })
  }

  const negations: [source: string, only: boolean][] = [
    ['claims.a != "x"', true],
    ['claims.a != "x" && claims.b != "y"', true],
    ['!(claims.a in ["x"])', true],
    ['!claims.a.matches("^x$")', true],
    ['!claims.a.startsWith("x")', true],
    ['!(claims.a == "x" || claims.b == "y")', true],
    ['!(claims.a == "x" && claims.b != "y")', true],
    ['claims.a == "x" || claims.b != "y"', true],
    ['claims.l.all(x, x != "root")', true],
    ['claims.a != "x" && now < timestamp("2030-01-01T00:00:00Z")', true],
    ['claims.a != "x" && header.alg == "RS256"', true],
    ['claims.b ? claims.a != "x" : claims.a == "y"', true],
    ['claims.a != "x" && 1 == 1', true],
    ['claims.a == "x"', false],
    ['claims.a != "x" && claims.b == "y"', false],
    ['!(claims.a != "x")', false],
    ['!!claims.a', false],
    ['!(claims.a != "x" || claims.b == "y")', false],
    ['!(claims.a == "x") && claims.b.startsWith("y")', false],
    ['claims.l.exists(x, x == "dev")', false],
    ['now < timestamp("2030-01-01T00:00:00Z")', false],
  ]
  for (const [source, only] of negations) {
    it(`${only ? 'finds only negations' : 'finds more than negations, or none'}: ${source}`, () => {
      expect(factsOf(source).onlyNegations).to.equal(only)
    })
  }

  it('lists the claims that are read, in has and in macros too', () => {
    const source =
      'has(claims.b) && claims.l.exists(x, x == claims["a"].c) && "d" in claims && claims[claims.e] == header.kid'
    expect(factsOf(source).claims).to.deep.equal(['/a/c', 'b', 'e', 'l'])
  })

  it('tells of the branches of the outermost ||', () => {
    expect(factsOf('claims.a == "x" && claims.b').branches).to.deep.equal([])
    const { branches } = factsOf('claims.a == "x" || claims.a == "x" && claims.b == 1 || claims.c')
    expect(branches.map(({ pins }) => pins.map(({ claim }) => claim))).to.deep.equal([['a'], ['a', 'b'], []])
  })

  it('tells of each regular expression, and of which claim', () => {
    const { regexes } = factsOf('claims.a.matches("^x$") || claims.l.exists(g, g.matches("a.c"))')
    expect(regexes).to.deep.equal([
      { claim: 'a', pattern: '^x$', anchored: true, bareDot: false, nestedRepetition: false },
      { claim: undefined, pattern: 'a.c', anchored: false, bareDot: true, nestedRepetition: false },
    ])
  })
})

describe('trust/regex-shape', () => {
  const shapes: [pattern: string, anchored: boolean, bareDot?: boolean, nestedRepetition?: boolean][] = [
    ['^a$', true],
    ['\\Aa\\z', true],
    ['^(a|b)$', true],
    ['^(?:a|b)$', true],
    ['^a|b$', false],
    ['^a|^b$', false],
    ['a$', false],
    ['^a', false],
    ['^a\\$', false],
    ['^a\\\\$', true],
    ['^a\\.b$', true],
    ['^a.b$', true, true],
    ['^a.*b$', true],
    ['^a.+?b$', true],
    ['^a.{3}b$', true],
    ['^[a.b]$', true],
    ['^[]a.|]$', true],
    ['^[^]a.|]$', true],
    ['^[[:alpha:].]+$', true],
    ['.', false, true],
    ['^(a+)+$', true, false, true],
    ['^(a*)*$', true, false, true],
    ['^(?:a|b+)*$', true, false, true],
    ['^((a+)b){2,}$', true, false, true],
    ['^(?P<n>a+)+$', true, false, true],
    ['^(a+)b+$', true],
    ['^(ab)+$', true],
    ['^(a+)?$', true],
    ['^a+?$', true],
    ['^(\\+)+$', true],
    ['^([+*])+$', true],
  ]
  for (const [pattern, anchored, bareDot = false, nestedRepetition = false] of shapes) {
    it(`reads ${pattern}`, () => {
      expect(regexShape(pattern)).to.deep.equal({ anchored, bareDot, nestedRepetition } satisfies RegexShape)
    })
  }
})
