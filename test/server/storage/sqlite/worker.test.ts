/** The connection that writes: what it promises of the disk, and that nothing of a lost transaction is written by itself. */
import { join } from 'node:path'
import { expect } from 'chai'
import type { Mode, Value } from '../../../../src/server/storage/sqlite/wire.ts'
import { openWriter, type Writer } from '../../../../src/server/storage/sqlite/writer.ts'
import { reasonOf } from '../../../support/refused.ts'
import { tempDir } from '../../../support/temp-dir.ts'

describe('storage/sqlite/worker', () => {
  const dir = tempDir()
  let writer: Writer
  beforeEach(async () => {
    writer = openWriter({ path: join(dir(), 'countersign.db'), busyTimeoutMs: 100 })
    await ask('alone', 'create table deeds (name text not null)')
  })
  afterEach(() => writer.close())

  const ask = (mode: Mode, sql: string, row: readonly Value[] = []) => writer.ask(mode, [{ sql, rows: [row] }])
  const rowsOf = async (sql: string) => (await ask('alone', sql))?.[0]?.rows ?? []
  const write = (mode: Mode, name: string) => ask(mode, 'insert into deeds (name) values (?)', [name])
  const kept = async () => (await rowsOf('select name from deeds order by rowid')).map(({ name }) => name)
  const refused = async (work: Promise<unknown>) => {
    const message = work.then(
      () => 'done',
      (error: { cause?: Error }) => String(error.cause?.message),
    )
    return [await reasonOf(work), await message]
  }
  const lost = ['storage_unavailable', 'the transaction was lost']
  /** What SQLite then says of a write (SQLITE_READONLY) says so until the connection is opened anew. */
  const breakConnection = (mode: Mode) => ask(mode, 'pragma query_only = on')

  const settings: [name: string, value: unknown][] = [
    ['synchronous', 2],
    ['journal_mode', 'wal'],
    ['foreign_keys', 1],
  ]
  for (const [name, value] of settings) {
    it(`has ${name} = ${value}, and again when it was opened anew`, async () => {
      expect(await rowsOf(`pragma ${name}`)).to.deep.equal([{ [name]: value }])
      await breakConnection('alone')
      await refused(write('alone', 'a'))
      expect(await rowsOf(`pragma ${name}`)).to.deep.equal([{ [name]: value }])
    })
  }

  it('is opened anew when it can write no more', async () => {
    await write('alone', 'before')
    await breakConnection('alone')
    expect(await refused(write('alone', 'a'))).to.deep.equal([
      'storage_unavailable',
      'attempt to write a readonly database',
    ])
    await write('alone', 'after')
    expect(await kept()).to.deep.equal(['before', 'after'])
  })

  it('keeps nothing of a transaction whose connection broke, and says so to whoever goes on with it', async () => {
    await writer.ask('begin')
    await write('within', 'first')
    await breakConnection('within')
    expect(await reasonOf(write('within', 'second'))).to.equal('storage_unavailable')
    expect(await refused(write('within', 'third'))).to.deep.equal(lost)
    expect(await refused(writer.ask('commit'))).to.deep.equal(lost)
    expect(await kept()).to.deep.equal([])
  })

  it('clears away a transaction that nobody ended when somebody stands alone', async () => {
    await writer.ask('begin')
    await write('within', 'first')
    await write('alone', 'alone')
    expect(await refused(write('within', 'second'))).to.deep.equal(lost)
    expect(await refused(writer.ask('commit'))).to.deep.equal(lost)
    expect(await kept()).to.deep.equal(['alone'])
  })

  it('leaves a transaction to its owner when one of its statements is refused', async () => {
    await writer.ask('begin')
    await write('within', 'first')
    const refusal = await ask('within', 'insert into deeds (name) values (null)').catch((error: unknown) => error)
    expect(refusal).to.be.an('error')
    await write('within', 'second')
    await writer.ask('commit')
    expect(await kept()).to.deep.equal(['first', 'second'])
  })

  it('undoes a script that met another number of rows than it expects, and one that failed', async () => {
    const add = { sql: 'insert into deeds (name) values (?)', rows: [['a']] }
    const none = { sql: 'update deeds set name = ? where name = ?', rows: [['c', 'b']], expect: 1 }
    expect(await writer.script([add, none])).to.equal(undefined)
    const failed = await writer.script([add, { sql: add.sql, rows: [[null]] }]).catch((error: unknown) => error)
    expect(failed).to.be.an('error')
    expect(await refused(writer.ask('commit'))).to.deep.equal(lost)
    expect(await kept()).to.deep.equal([])
  })
})
