/** `countersign audit verify` where something is wrong with the call itself; its verdicts: server/audit, journeys/crash. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { countersign } from '../support/command.ts'

describe('countersign audit verify', () => {
  let dataDir: string
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'countersign-'))
  })
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

  it('says that there is no database, and makes none that would verify: code 1', async () => {
    const elsewhere = join(dataDir, 'elsewhere')
    const said = await countersign(['audit', 'verify'], { DATA_DIR: elsewhere })
    expect(said).to.deep.include({ code: 1, stdout: '' })
    expect(said.stderr).to.match(/^countersign: DATA_DIR or DATABASE_URL: .*there is no .*countersign\.db\)\n$/)
    expect(existsSync(elsewhere)).to.equal(false)
  })

  it('says in one line that what is there is no database: code 1', async () => {
    writeFileSync(join(dataDir, 'countersign.db'), 'this was a database once, and has been overwritten '.repeat(100))
    const { code, stderr } = await countersign(['audit', 'verify'], { DATA_DIR: dataDir })
    expect(code).to.equal(1)
    expect(stderr).to.match(/^countersign: .*not a database.*\n$/)
  })

  it('names the setting that cannot be: code 2', async () => {
    const said = await countersign(['audit', 'verify'], { DATA_DIR: dataDir, DATABASE_URL: 'mysql://x' })
    expect(said).to.deep.equal({
      code: 2,
      stdout: '',
      stderr: 'countersign: DATABASE_URL: must be sqlite:PATH or postgres://USER:PASSWORD@HOST:PORT/DATABASE\n',
    })
  })
})
