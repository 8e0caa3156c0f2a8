import { expect } from 'chai'
import { largestFile, readYaml } from '../../../src/server/files/read.ts'

/** What is wrong with it, as a person reads it. */
function faultsIn(text: string): string {
  const read = readYaml(text)
  if (read.ok) return 'nothing'
  return read.faults.map(({ message, line, column, caret }) => `${line}:${column} ${message}\n${caret}`).join('\n')
}

describe('files/read', () => {
  const anchors = 'anchors (&) and aliases (*) are not taken: write it out, or in quotes if it is a text'
  const refused: [why: string, text: string, faults: string][] = [
    ['a name twice', 'teams:\n  ml: {}\n  ml: {}\n', '3:3 this name stands here already\n  ml: {}\n  ^'],
    ['a name twice, once in quotes', 'a: 1\n"a": 2', '2:1 this name stands here already\n"a": 2\n^'],
    ['an anchor', 'a: &all {}\n', `1:4 ${anchors}\na: &all {}\n   ^`],
    ['an alias', 'a: *all\n', `1:4 ${anchors}\na: *all\n   ^`],
    ['an anchor of nothing', 'a: &all\n', `1:4 ${anchors}\na: &all\n   ^`],
    ['an anchor on a name', '&all a: 1\n', `1:1 ${anchors}\n&all a: 1\n^`],
    [
      'a tag',
      'a: !!binary aGk=\n',
      '1:4 tags (!) are not taken: write it in quotes if it is a text\na: !!binary aGk=\n   ^',
    ],
    ['a tag of nothing', 'a: ! 1\n', '1:4 tags (!) are not taken: write it in quotes if it is a text\na: ! 1\n   ^'],
    [
      'another version',
      '%YAML 1.1\n---\na: yes\n',
      '1:1 directives (%) are not taken: files are YAML 1.2\n%YAML 1.1\n^',
    ],
    ['a second document', 'a: 1\n---\nb: 2\n', '2:1 is a second document: a file is of one organization\n---\n^'],
    ['a name that is a list', '? [a]\n: 1\n', '1:3 a name must be a plain text\n? [a]\n  ^'],
    ['a name that is a map', '{a: 1}: 2\n', '1:1 a name must be a plain text\n{a: 1}: 2\n^'],
    ['a name that would be lost', 'a:\n  __proto__: 1\n', '2:3 this name is not taken\n  __proto__: 1\n  ^'],
    [
      'a zero in front',
      'a: 0123\n',
      '1:4 is a number, 123, written in another way: write "0123" if it is a text\na: 0123\n   ^',
    ],
    [
      'a version',
      'a: 1.10\n',
      '1:4 is a number, 1.1, written in another way: write "1.10" if it is a text\na: 1.10\n   ^',
    ],
    [
      'too many digits',
      'a: 12345678901234567890\n',
      '1:4 is a number, 12345678901234567000, written in another way: write "12345678901234567890" if it is a text\na: 12345678901234567890\n   ^',
    ],
    [
      'no number',
      'a: .nan\n',
      '1:4 is a number, NaN, written in another way: write ".nan" if it is a text\na: .nan\n   ^',
    ],
    [
      'hexadecimals',
      'a: 0x1F\n',
      '1:4 is a number, 31, written in another way: write "0x1F" if it is a text\na: 0x1F\n   ^',
    ],
    ['a tab', 'a:\n\tb: 1\n', '2:1 Tabs are not allowed as indentation\n b: 1\n^'],
    ['a quote that does not end', 'a: "b\n', '2:1 Missing closing "quote\n\n^'],
    ['two in one line', 'a: b: c\n', '1:4 Nested mappings are not allowed in compact mappings\na: b: c\n   ^'],
    ['a bracket too many', 'a: 1]\nb: ]\n', '2:4 Unexpected flow-seq-end token in YAML stream\nb: ]\n   ^'],
    ['nothing', '# nothing\n', '1:1 the file is empty\n# nothing\n^'],
    ['too deep, in lists', '['.repeat(1_000_000), ''],
    ['too deep, in maps', '{a: '.repeat(200_000), ''],
    ['too deep, by dashes', '- '.repeat(400_000), ''],
    ['too deep, by lines', Array.from({ length: 400 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'), ''],
  ]
  for (const [why, text, faults] of refused)
    it(`refuses ${why}`, () => {
      const said = faultsIn(text)
      if (faults === '') expect(said).to.match(/^\d+:1 nests deeper than 24 maps and lists/)
      else expect(said).to.equal(faults)
    })

  it('refuses a file that is too large before it is read, and takes one of that size', () => {
    expect(faultsIn('é'.repeat(largestFile / 2 + 1))).to.contain(`larger than ${largestFile} bytes`)
    expect(readYaml(`a: ${'x'.repeat(largestFile - 3)}`).ok).to.equal(true)
  })

  it('refuses a bomb of aliases', () => {
    const levels = 'abcdefghi'
      .split('')
      .map((name, i, all) => `${name}: &${name} [${`*${all[i - 1] ?? 'a'},`.repeat(9)}]`)
    expect(faultsIn(`a: &a [x]\n${levels.slice(1).join('\n')}`)).to.contain(anchors)
  })

  it('does not repeat a key that somebody wrote into it', () => {
    const key = `csk_${'a'.repeat(49)}`
    expect(faultsIn(`a: 1\na: ${key}\n`)).to.equal('2:1 this name stands here already\na: [redacted]')
    expect(faultsIn(`a: {${key}: 1, ${key}: 2}\n`)).not.to.contain(key)
  })

  it('takes texts for texts, as YAML 1.2 does, and every name for one', () => {
    const read = readYaml(
      `a: yes\nb: on\nc: 2026-01-01\nd: true\ne: 12\nf: -1.5\ng: ~\n1: x\ntrue: y\n<<: {h: 1}\ni: "01"\n`,
    )
    expect(read.ok && read.value).to.deep.equal({
      a: 'yes',
      b: 'on',
      c: '2026-01-01',
      d: true,
      e: 12,
      f: -1.5,
      g: null,
      1: 'x',
      true: 'y',
      '<<': { h: 1 },
      i: '01',
    })
  })

  it('knows where a path leads, and where a line of an expression is', () => {
    const text = `teams:\n  ml:\n    list: [a, b]\n    cel: |\n      one ==\n        two\n    quoted: 'x y'\n`
    const read = readYaml(text)
    if (!read.ok) throw new Error('it is read')
    const place = (path: (string | number)[], within?: { line: number; column: number }) => {
      const { line, column, caret } = read.locate(path, within)
      return `${line}:${column} ${caret}`
    }
    expect(place(['teams', 'ml'])).to.equal('2:3   ml:\n  ^')
    expect(place(['teams', 'ml', 'list', 1])).to.equal('3:15     list: [a, b]\n              ^')
    expect(place(['teams', 'ml', 'missing'])).to.equal('2:3   ml:\n  ^')
    expect(place(['teams', 'ml', 'cel'], { line: 2, column: 3 })).to.equal('6:9         two\n        ^')
    expect(place(['teams', 'ml', 'quoted'], { line: 1, column: 3 })).to.equal(
      "7:16     quoted: 'x y'\n               ^",
    )
  })
})
