/** The connection for questions: when it fails, the next question has a new one. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect } from 'chai'
import { StorageUnavailable } from '../../../../src/server/errors/refusal.ts'
import { openReader, type Reader } from '../../../../src/server/storage/sqlite/reader.ts'
import { tempDir } from '../../../support/temp-dir.ts'

describe('storage/sqlite/reader', () => {
  const dir = tempDir()
  const path = () => join(dir(), 'countersign.db')
  let reader: Reader
  beforeEach(() => {
    reader = openReader({ path: path(), busyTimeoutMs: 0 })
  })
  afterEach(() => reader.close())

  const make = () => {
    const db = new DatabaseSync(path())
    db.exec(`pragma journal_mode = wal; create table deeds (name text); insert into deeds values ('a')`)
    return db
  }
  const names = () => reader.all('select name from deeds', []).map(({ name }) => name)
  /** Asks for a file that is not there: SQLITE_CANTOPEN, on a connection that has worked so far. */
  const fail = () => reader.all(`attach '${join(dir(), 'nowhere', 'x.db')}' as other`, [])
  const cacheSize = () => reader.all('pragma cache_size', [])

  it('is unavailable while there is no database, and opens it when there is one', () => {
    expect(names).to.throw(StorageUnavailable)
    make().close()
    expect(names()).to.deep.equal(['a'])
  })

  it('opens the database anew, and asks anew what it had asked, when the connection has failed', () => {
    make().close()
    expect(names()).to.deep.equal(['a'])
    expect(cacheSize()).to.deep.equal([{ cache_size: -2048 }])
    reader.all('pragma cache_size = -77', [])
    expect(fail).to.throw(StorageUnavailable)
    expect(cacheSize(), 'of a connection that was opened anew').to.deep.equal([{ cache_size: -2048 }])
    expect(names()).to.deep.equal(['a'])
  })

  it('lets go of the file when it has failed: the last to close it folds the log into it', () => {
    const other = make()
    expect(names()).to.deep.equal(['a'])
    expect(fail).to.throw(StorageUnavailable)
    other.close()
    expect(existsSync(`${path()}-wal`)).to.equal(false)
    expect(names()).to.deep.equal(['a'])
  })

  it('keeps its connection when the question was wrong', () => {
    make().close()
    reader.all('pragma cache_size = -77', [])
    expect(() => reader.all('select name from nowhere', [])).to.throw(/no such table/)
    expect(() => reader.all(`insert into deeds values ('b')`, [])).to.throw(/this storage is for reading/)
    expect(cacheSize()).to.deep.equal([{ cache_size: -77 }])
  })

  it('answers nothing when it is closed', () => {
    make().close()
    expect(names()).to.deep.equal(['a'])
    reader.close()
    expect(names).to.throw(StorageUnavailable)
  })
})
