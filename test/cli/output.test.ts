import { expect } from 'chai'
import { cellWith } from '../../src/cli/cell.ts'
import { formatOf, rendered } from '../../src/cli/output.ts'
import type { Json } from '../../src/protocol/json.ts'

const now = Date.parse('2026-11-30T12:00:00Z')
const look = { headers: true, cell: cellWith({ now, utc: false }) }
const table = (value: Json, columns: readonly string[] = [], more: object = {}) =>
  rendered(value, { kind: 'table' }, columns, { ...look, ...more })

describe('cli/output', () => {
  it('a list is a table, without borders and without white space at the end', async () => {
    const items = [
      { name: 'a', id: 'team_1', note: '' },
      { name: 'longer', id: 'team_22', note: null },
    ]
    expect(await table(items, ['name', 'id', 'note'])).to.equal(
      'NAME    ID       NOTE\na       team_1   -\nlonger  team_22  -',
    )
    expect(await table(items, ['name'], { headers: false, columns: ['id'] })).to.equal('team_1\nteam_22')
  })

  it('what came from outside cannot move the cursor, forge a line or turn it around', async () => {
    const evil = 'a\u001b[2Jb\nc\u009bd\u202ee'
    const said = 'a\\u001b[2Jb\\u000ac\\u009bd\\u202ee'
    expect(await table([{ name: evil }], ['name'])).to.equal(`NAME\n${said}`)
    expect(await table({ name: evil, list: [evil], deep: { er: evil } })).to.equal(
      `name     ${said}\nlist     ${said}\ndeep.er  ${said}`,
    )
    expect(await rendered({ name: evil }, formatOf('value=name'), [], look)).to.equal(said)
  })

  for (const [at, says] of [
    ['2026-11-30T11:59:31Z', 'just now'],
    ['2026-11-30T11:58:00Z', '2 minutes ago'],
    ['2026-11-30T11:00:00Z', '1 hour ago'],
    ['2026-11-01T12:00:00Z', '29 days ago'],
    ['2026-11-30T12:00:20Z', 'in a moment'],
    ['2026-12-30T11:59:59Z', 'in 30 days'],
    ['soon', 'soon'],
  ] as const)
    it(`the time ${at} is ${says}`, async () => {
      expect(await table({ created_at: at })).to.equal(`created_at  ${says}`)
      const utc = { cell: cellWith({ now, utc: true }) }
      expect(await table({ created_at: at }, [], utc)).to.equal(`created_at  ${at}`)
    })

  it('single values, one a line, by their path', async () => {
    const items = [{ a: { b: 1 } }, { a: { b: 'x' } }, { a: { b: [true] } }, { a: null }, {}]
    expect(await rendered(items, formatOf('value=a.b'), [], look)).to.equal('1\nx\n[true]\n\n')
    expect(await rendered({}, formatOf('value=constructor'), [], look)).to.equal('')
  })

  for (const text of ['xml', 'value', 'value=', 'value=a=b', 'JSON'])
    it(`knows no -o ${text}`, () => expect(() => formatOf(text)).to.throw(`-o ${text}`))
})
