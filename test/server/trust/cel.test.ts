import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import fc from 'fast-check'
import type { JsonObject } from '../../../src/protocol/json.ts'
import { loadCel } from '../../../src/server/trust/cel.ts'
import { limits, resting } from '../../../src/server/trust/cel-limits.ts'
import type { Cel, CelProgram } from '../../../src/server/trust/cel-program.ts'
import type { Evidence } from '../../../src/server/trust/compile.ts'

type Vectors = {
  claims: JsonObject
  header: Evidence['header']
  /** In seconds. */
  now: number
  outcomes: { name: string; source: string; outcome: string; message?: string }[]
  faults: { source: string; line: number; column: number; message: string }[]
}
const vectors = JSON.parse(readFileSync(new URL('../../vectors/cel.json', import.meta.url), 'utf8')) as Vectors
const { header } = vectors
const now = vectors.now * 1000

const still = () => 0
/** Of this thread alone: others' work is no fault of an expression. */
const cpu = () => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

describe('trust/cel', () => {
  let cel: Cel
  before(async () => {
    cel = await loadCel()
  })
  const programOf = (source: string): CelProgram => {
    const compiled = cel.compile(source)
    if (!compiled.ok) throw new Error(`${compiled.fault.message}\n${compiled.fault.caret}`)
    return compiled.program
  }
  const faultOf = (source: string) => {
    const compiled = cel.compile(source)
    return compiled.ok ? undefined : compiled.fault
  }
  const judge = (source: string, claims: JsonObject = vectors.claims, clock = still) =>
    programOf(source).evaluate({ claims, header, now }, clock)

  for (const { name, source, outcome, message } of vectors.outcomes) {
    it(`${outcome}: ${name}`, () => {
      expect(judge(source)).to.deep.equal({ outcome, ...(message && { message }), milliseconds: 0 })
    })
  }

  for (const { source, ...fault } of vectors.faults) {
    it(`refuses ${JSON.stringify(source)}`, () => {
      const { caret, ...found } = faultOf(source) ?? { caret: '' }
      expect(found).to.deep.equal(fault)
      expect(caret.split('\n')[1]).to.equal(`${' '.repeat(fault.column - 1)}^`)
    })
  }

  it('shows the line that is wrong, alone, and cuts a long one', () => {
    expect(faultOf('claims.b &&\r\n\tclaims["é"] == "x" &&\n clams.b')?.caret).to.equal(' clams.b\n ^')
    expect(faultOf('claims.b &&\r\n\tclams.b')).to.deep.include({ line: 2, column: 2, caret: ' clams.b\n ^' })
    expect(faultOf('claims["😀"] == clams')).to.deep.include({ column: 16 })
    const [line = '', arrow = ''] = faultOf(`${'claims.b && '.repeat(20)}clams.b && claims.b`)?.caret.split('\n') ?? []
    expect(line).to.have.length.below(103)
    expect(line.slice(arrow.indexOf('^'))).to.equal('clams.b && claims.b')
  })

  describe('what an expression may be', () => {
    const long = (length: number) => `claims.ref == "${'x'.repeat(length - 16)}"`
    const nested = (depth: number) => `${'('.repeat(depth)}claims.b${')'.repeat(depth)}`
    const terms = (count: number) => Array.from({ length: count }, () => 'claims.b').join('||')

    it(`takes ${limits.source} characters and no more`, () => {
      expect(faultOf(long(limits.source - 1))).to.equal(undefined)
      expect(faultOf(long(limits.source))).to.equal(undefined)
      expect(faultOf(long(limits.source + 1))?.message).to.equal('the expression is longer than 1024 characters')
      expect(faultOf('x'.repeat(10_000_000))?.line).to.equal(1)
    })

    it(`takes brackets ${limits.nesting} deep and no deeper`, () => {
      expect(faultOf(nested(limits.nesting))).to.equal(undefined)
      const fault = { message: 'brackets nest deeper than 32', line: 1, column: 33 }
      expect(faultOf(nested(limits.nesting + 1))).to.deep.include(fault)
      expect(faultOf('('.repeat(1000))).to.deep.include(fault)
      expect(faultOf('({['.repeat(300))).to.deep.include(fault)
      expect(faultOf(`[{1: (${'!('.repeat(29)}`)?.message).to.match(/too early/)
    })

    it('counts no bracket in a text or a comment', () => {
      for (const text of [
        `"${'('.repeat(99)}"`,
        `'${'['.repeat(99)}'`,
        `"\\"${'{'.repeat(99)}"`,
        `r"\\${'('.repeat(99)}"`,
      ])
        expect(faultOf(`claims.ref == ${text} // ${'('.repeat(99)}`), text).to.equal(undefined)
      expect(faultOf(`claims.ref == """\n"${'('.repeat(99)}"""`)).to.equal(undefined)
      expect(faultOf(`claims.ref == "" || ${'('.repeat(99)}`)?.message).to.match(/nest deeper/)
    })

    it(`takes ${limits.nodes} parts and no more`, () => {
      // Two a term, and the whole.
      expect(faultOf(terms(99))).to.equal(undefined)
      expect(faultOf(terms(100))?.message).to.equal('the expression has more than 200 parts')
    })

    it('says the same of a source each time', () => {
      for (const { source } of vectors.faults) expect(faultOf(source)).to.deep.equal(faultOf(source))
    })
  })

  describe('what a token may be', () => {
    const refused = (claims: JsonObject) => judge('has(claims.a) || true == claims.b', claims).message

    it('has claims of at most 16 KiB', () => {
      const sized = (size: number) => ({ a: 'x'.repeat(size - 9) })
      expect(refused(sized(limits.claims))).to.equal(undefined)
      expect(refused(sized(limits.claims + 1))).to.equal('the claims are larger than 16384 characters')
      expect(refused({ a: {}, b: Array.from({ length: 90 }, () => 'x'.repeat(200)) })).to.match(/larger/)
    })

    it('has lists of at most 100 members', () => {
      expect(refused({ a: Array(limits.list).fill(1) })).to.equal(undefined)
      const beyond = 'a list in the claims has more than 100 members'
      expect(refused({ a: Array(limits.list + 1).fill(1) })).to.equal(beyond)
      expect(refused({ a: { b: [Array(limits.list + 1).fill(1)] } })).to.equal(beyond)
    })

    it('nests at most 32 deep', () => {
      const nest = (depth: number, open: string, close: string) =>
        JSON.parse(`${open.repeat(depth)}1${close.repeat(depth)}`) as JsonObject
      expect(refused(nest(limits.claimsDepth, '{"a":', '}'))).to.equal(undefined)
      for (const deep of [nest(33, '{"a":', '}'), { a: nest(32, '[', ']') }, nest(2_500, '{"a":', '}')])
        expect(refused(deep)).to.equal('the claims nest deeper than 32')
    })

    it('may have claims that are called like what objects inherit', () => {
      const claims = JSON.parse('{"__proto__": {"admin": true}, "constructor": "x"}') as JsonObject
      expect(judge('claims.__proto__.admin && claims.constructor == "x"', claims).outcome).to.equal('true')
      expect(judge('has(claims.admin)', claims).outcome).to.equal('false')
    })

    it('shows three members of its header, when they are text', () => {
      const kid = programOf('has(header.kid)')
      expect(kid.evaluate({ claims: {}, header: { alg: 'x', kid: 5 as never }, now }, still).outcome).to.equal('false')
      expect(kid.evaluate({ claims: {}, header: Object.create({ kid: 'x' }), now }, still).outcome).to.equal('false')
    })
  })

  describe('what it may cost', () => {
    const list = Array.from({ length: 100 }, (_, i) => `${'a'.repeat(100)}${i}`)
    const text = Array.from({ length: 15_000 }, (_, i) => 'ab'[(i * i * 7919 + (i >> 3)) % 2]).join('')
    const strange = Array.from({ length: 15_000 }, (_, i) => String.fromCharCode(0x4e00 + i)).join('')
    const wide = '[claims.l].map(x, x+x+x+x+x+x+x+x+x+x)[0]'
    const times = (term: string, count: number) => Array(count).fill(term).join(' && ')
    /** Found by searching for what costs most by the clock and least by the meter. */
    const hostile: [source: string, claims: JsonObject][] = [
      [`${wide}.all(y, ${times('(claims.zz || true)', 25)})`, { l: list }],
      [`${wide}.all(y, ${times('has(claims.l)', 25)})`, { l: list }],
      [`${wide}.all(y, ${times('(true ? true : true)', 25)})`, { l: list }],
      [`${wide}.all(y, ${times('duration(y) != now', 20)})`, { l: Array(100).fill('1h1m1s1ms') }],
      [`${wide}.all(y, ${times('timestamp(y) < now', 20)})`, { l: Array(100).fill(3) }],
      [`${wide}.all(y, ${times('string(now) != y', 20)})`, { l: list }],
      [`${wide}.all(y, ${times('{y: y} != {}', 20)})`, { l: list }],
      [`${wide}.filter(y, y != "c").filter(y, y != "c").filter(y, y != "c").size() == 1`, { l: list }],
      [`claims.l.map(x, [x,x])${'.map(x, [x,x])'.repeat(20)} == [1]`, { l: list }],
      [`claims.l.all(x, ${times('!(1 in claims.l)', 20)})`, { l: list }],
      [`claims.l.all(x, ${times('size(claims.t) > 0', 20)})`, { l: [1, 2, 3], t: text }],
      ['!claims.t.contains(claims.u)', { t: 'a'.repeat(10_000), u: `b${'a'.repeat(5_000)}` }],
      ['claims.t.matches("(a|b)*a(a|b){60}$")', { t: text }],
      ['claims.t.matches("(a|b)*a(a|b){60}$")', { t: text.slice(0, 600) }],
      ['claims.t.matches("(a?){60}$")', { t: text }],
      ['claims.t.matches("(\\\\b|\\\\B)(a?|b?){20}(\\\\b|\\\\B)$")', { t: text }],
      ['claims.t.matches("(?i)[\\\\p{L}\\\\p{N}]{50}!")', { t: `!${strange}` }],
      ['claims.t.matches("^(\\\\b|\\\\B|.)*c$")', { t: `c${strange}` }],
      [times('!claims.t.matches("(a|b)*a(a|b){6}$")', 20), { t: text.slice(0, 2_000) }],
      ['duration(claims.t) == duration("1s")', { t: '1h'.repeat(7_000) }],
      ['timestamp(claims.t) == now', { t: '1'.repeat(15_000) }],
    ]
    for (const [source, claims] of hostile) {
      it(`ends, soon: ${source.length > 80 ? `${source.slice(0, 80)}…` : source}`, () => {
        const program = programOf(source)
        const tokens = Array.from({ length: 5 }, () => structuredClone(claims))
        const took = tokens.map((claims) => program.evaluate({ claims, header, now }, cpu))
        // Measured: 23 ms at most. The first ones run uncompiled code.
        expect(Math.min(...took.map(({ milliseconds }) => milliseconds))).to.be.below(100)
      })
    }

    it('denies what was too much, whatever stands beside it', () => {
      const message = 'it is too much work on these claims'
      const beside = judge('claims.t.matches("(a|b)*a(a|b){60}$") || claims.b', { t: text, b: true })
      expect(beside).to.deep.equal({ outcome: 'error', message, milliseconds: 0 })
    })

    it('denies by a regular expression with too many states', () => {
      let seed = 1
      const mixed = Array.from({ length: 600 }, () => {
        seed = (seed * 1103515245 + 12345) % 2 ** 31
        return 'ab'[(seed >> 16) & 1]
      })
      const { message } = judge('claims.t.matches("(a|b)*a(a|b){60}c$")', { t: `c${mixed.join('')}` })
      expect(message).to.equal('a regular expression has too many states on this text')
    })

    it('grants by a rule that looks at a hundred groups', () => {
      const groups = Array.from({ length: 100 }, (_, i) => `team-${i}`)
      const source = 'claims.groups.exists(g, g == "team-99") && claims.groups.all(g, g.matches("^team-[0-9]+$"))'
      expect(judge(source, { groups })).to.deep.equal({ outcome: 'true', milliseconds: 0 })
    })

    it('does not remember the texts of one token against the next', () => {
      const program = programOf('claims.t.matches("^(a|b)*a(a|b){5}$")')
      const hostileOne = { t: text.slice(0, 8_00) }
      for (let i = 0; i < 200; i++) program.evaluate({ claims: { t: text.slice(i, i + 400) }, header, now }, still)
      program.evaluate({ claims: hostileOne, header, now }, still)
      expect(program.evaluate({ claims: { t: 'abbbbb' }, header, now }, still).outcome).to.equal('true')
    })
  })

  describe('by the clock', () => {
    const heavy = '[claims.l].map(x, x+x+x+x+x)[0].all(x, x != "c")'
    const l = Array(100).fill('a')
    /** A clock by which the next evaluation takes as long as it is told. */
    const slowClock = () => {
      let time = 0
      let next = 0
      let reading = 0
      const clock = () => {
        if (reading++ % 2 === 1) time += next
        return time
      }
      return { clock, take: (ms: number) => (next = ms), pass: (ms: number) => (time += ms), even: () => (reading = 0) }
    }
    const run = (source = heavy) => {
      const watch = slowClock()
      const program = programOf(source)
      return {
        ...watch,
        evaluate: (ms: number) => {
          watch.take(ms)
          watch.even()
          return program.evaluate({ claims: { l, b: true }, header, now }, watch.clock)
        },
      }
    }
    const tooSlow = { outcome: 'error', message: 'it took 51 ms, more than 50', late: true, milliseconds: 51 }

    it('denies what took more than 50 ms', () => {
      const { evaluate } = run()
      expect(evaluate(50)).to.deep.equal({ outcome: 'true', milliseconds: 50 })
      expect(evaluate(51)).to.deep.equal(tooSlow)
      expect(evaluate(1)).to.deep.equal({ outcome: 'true', milliseconds: 1 })
    })

    it('rests after three within a minute, and wakes', () => {
      const { evaluate, pass } = run()
      for (let i = 0; i < resting.overruns; i++) expect(evaluate(51)).to.deep.equal(tooSlow)
      const rests = {
        outcome: 'error',
        message: 'it rests: it took more than 50 ms 3 times within 60 s',
        late: true,
        milliseconds: 0,
      }
      expect(evaluate(1)).to.deep.equal(rests)
      pass(resting.milliseconds - 1)
      expect(evaluate(1)).to.deep.equal(rests)
      pass(1)
      expect(evaluate(1).outcome).to.equal('true')
      expect(evaluate(51)).to.deep.equal(tooSlow)
      expect(evaluate(1).outcome).to.equal('true')
    })

    it('forgets what was slow long ago', () => {
      const { evaluate, pass } = run()
      for (let i = 0; i < 10; i++) {
        expect(evaluate(51)).to.deep.equal(tooSlow)
        pass(resting.within / 2)
      }
    })

    it('lets stand what did little: the machine paused', () => {
      const { evaluate } = run('claims.b')
      for (let i = 0; i < 10; i++) expect(evaluate(5_000)).to.deep.equal({ outcome: 'true', milliseconds: 5_000 })
    })
  })

  describe('whatever is written', () => {
    const words = fc.constantFrom(
      ...[
        'claims',
        'header',
        'now',
        '.',
        'ref',
        '(',
        ')',
        '[',
        ']',
        '{',
        '}',
        '"x"',
        "'",
        '"',
        ' ',
        '==',
        '!=',
        '&&',
        '||',
      ],
      ...[
        '!',
        '-',
        '+',
        '*',
        '/',
        '%',
        '?',
        ':',
        ',',
        '1',
        '5.5',
        '0x',
        'in',
        'has(',
        '.exists(x,',
        '.map(x,',
        '.matches("',
      ],
      ...[
        'size(',
        'timestamp(',
        'true',
        'null',
        '\n',
        '//',
        '\\',
        '\u0000',
        '\ud800',
        '😀',
        '"""',
        'r"',
        'b"',
        '`',
        '@',
        '_',
      ],
    )
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 80 }),
      fc.array(words, { maxLength: 60 }).map((all) => all.join('')),
    )
    const { expression } = fc.letrec<{ expression: string }>((tie) => {
      const inner = tie('expression')
      const two = fc.tuple(inner, inner)
      return {
        expression: fc.oneof(
          { maxDepth: 5, depthSize: 'medium' },
          fc.constantFrom(
            'claims.a',
            'claims.l',
            'claims.t',
            'claims.n',
            'claims',
            'now',
            '"a"',
            '5',
            '1.5',
            'true',
            'x',
            'header.alg',
          ),
          fc
            .tuple(inner, fc.constantFrom('==', '!=', '<', '&&', '||', '+', '-', '*', '/', '%', ' in '), inner)
            .map((all) => `(${all.join('')})`),
          two.map(([list, body]) => `${list}.map(x, ${body})`),
          two.map(([list, body]) => `${list}.all(x, ${body})`),
          two.map(([list, body]) => `${list}.filter(x, ${body})`),
          two.map(([list, member]) => `[${list}, ${member}, ${list}]`),
          two.map(([key, value]) => `{${key}: ${value}}`),
          two.map(([target, key]) => `${target}[${key}]`),
          two.map(([target, part]) => `${target}.contains(${part})`),
          inner.map((target) => `${target}.matches("(a|b)*a(a|b){9}$")`),
          fc
            .tuple(fc.constantFrom('size', 'int', 'string', 'double', 'timestamp', 'duration', 'type', '!'), inner)
            .map(([f, of]) => `${f}(${of})`),
          fc.tuple(inner, inner, inner).map(([test, yes, no]) => `(${test} ? ${yes} : ${no})`),
        ),
      }
    })
    const claims: JsonObject = { a: true, l: ['a', 5, [1, 2], { b: null }, 'ab'.repeat(50)], t: 'ab'.repeat(500), n: 7 }

    const never = (source: string) => {
      const began = cpu()
      const compiled = cel.compile(source)
      if (!compiled.ok) {
        expect(compiled.fault.line).to.be.within(1, source.split(/\r\n|\r|\n/).length)
        expect(compiled.fault.message).to.match(/^.+$/s)
        expect(compiled.fault.caret.split('\n')).to.have.length(2)
        return
      }
      const { outcome, message } = compiled.program.evaluate({ claims, header, now }, cpu)
      expect(outcome).to.be.oneOf(['true', 'false', 'error'])
      expect(message === undefined).to.equal(outcome !== 'error')
      // Something of the claims is looked at, or of the time.
      expect(source).to.match(/claims|header|now/)
      expect(cpu() - began).to.be.below(500)
    }

    it('never throws and never hangs: any text', () => {
      fc.assert(fc.property(text, never), { numRuns: 1_500 })
    })

    it('never throws and never hangs: any expression', () => {
      fc.assert(fc.property(expression, never), { numRuns: 3_000 })
    })

    it('never throws and never hangs: any claims', () => {
      const program = programOf('claims.a.b == 5 || claims.l.exists(x, x == claims.a) || claims["t"].matches("^a+$")')
      fc.assert(
        fc.property(fc.dictionary(fc.constantFrom('a', 'l', 't', '__proto__'), fc.jsonValue()), (claims) => {
          const { outcome } = program.evaluate({ claims: claims as JsonObject, header, now }, still)
          expect(outcome).to.be.oneOf(['true', 'false', 'error'])
        }),
        { numRuns: 1_000 },
      )
    })
  })
})
