import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { inspect } from 'node:util'
import { expect } from 'chai'
import { verifyTrails } from '../../../src/server/audit/verify.ts'
import { StorageUnavailable } from '../../../src/server/errors/refusal.ts'
import { openStorage } from '../../../src/server/storage/open.ts'
import { freePort } from '../../support/free-port.ts'
import { organization } from '../../support/nouns.ts'
import { reasonOf } from '../../support/refused.ts'
import { tempDir } from '../../support/temp-dir.ts'

const program = (file: string) => join(import.meta.dirname, '../../support', file)

describe('storage/open', () => {
  const dir = tempDir()
  const database = () => join(dir(), 'data', 'countersign.db')
  const open = (busyTimeoutMs = 2000) => openStorage({ dataDir: join(dir(), 'data'), busyTimeoutMs })

  it('keeps its files to itself', async () => {
    const storage = await open()
    await storage.writing.values.set('a', 'b')
    const modes = [join(dir(), 'data'), database(), `${database()}-wal`].map((path) => statSync(path).mode & 0o777)
    expect(modes).to.deep.equal([0o700, 0o600, 0o600])
    await storage.close()
  })

  it('opens a path of its own', async () => {
    const storage = await openStorage({ url: `sqlite:${join(dir(), 'elsewhere', 'my.db')}`, dataDir: dir() })
    await storage.close()
    expect(statSync(join(dir(), 'elsewhere', 'my.db')).isFile()).to.equal(true)
  })

  it('refuses what is neither', async () => {
    const error = await openStorage({ url: 'mysql://db.example', dataDir: dir() }).catch((thrown) => thrown)
    expect(error.message).to.match(/must be sqlite:PATH or postgres:/)
  })

  for (const scheme of ['postgres', 'postgresql']) {
    it(`says that there is no ${scheme}:// where nobody listens, and nothing of the password`, async () => {
      const url = `${scheme}://me:hush@127.0.0.1:${await freePort()}/countersign`
      const error = await openStorage({ url, dataDir: dir() }).catch((thrown) => thrown)
      expect(error).to.include({ reason: 'storage_unavailable' })
      expect(inspect(error, { depth: 9 })).to.not.include('hush')
    })
  }

  it('says that it cannot be had where it cannot be', async () => {
    writeFileSync(join(dir(), 'data'), 'a file, no directory')
    expect(await open().catch((thrown) => thrown)).to.be.instanceOf(StorageUnavailable)
  })

  it('finds what it kept when it is opened again', async () => {
    const first = await open()
    const org = organization()
    await first.writing.organizations.insert(org)
    await first.close()
    const second = await open()
    expect(await second.reading.organizations.find({}, 'acme')).to.deep.equal(org)
    await second.close()
  })

  it('is opened by many processes at once, each of which may be the first', async () => {
    const names = ['a', 'b', 'c', 'd']
    const children = names.map((name) =>
      spawn(process.execPath, [program('opening.ts'), join(dir(), 'data'), name], { stdio: 'inherit' }),
    )
    const exits = await Promise.all(children.map((child) => once(child, 'exit')))
    expect(exits.map(([code]) => code)).to.deep.equal([0, 0, 0, 0])
    const [one, two] = await Promise.all([open(), open()])
    for (const name of names) expect(await one.reading.values.get(name)).to.equal('here')
    await Promise.all([one.close(), two.close()])
  })

  it('heals when another process lets go of the database', async () => {
    const storage = await open(10)
    const other = new DatabaseSync(database())
    other.exec('BEGIN IMMEDIATE')
    const { writing, reading } = storage
    expect(await reasonOf(writing.values.set('a', 'b'))).to.equal('storage_unavailable')
    expect(await reasonOf(writing.replays.claim('d', 1, 2))).to.equal('storage_unavailable')
    expect(await reasonOf(storage.transaction(({ values }) => values.set('a', 'b')))).to.equal('storage_unavailable')
    expect(await reading.values.get('a'), 'reading goes on').to.equal(undefined)
    other.exec('ROLLBACK')
    other.close()
    await writing.values.set('a', 'c')
    await storage.transaction(({ values }) => values.set('b', 'c'))
    expect([await reading.values.get('a'), await reading.values.get('b')]).to.deep.equal(['c', 'c'])
    await storage.close()
  })

  it('loses nothing that it acknowledged when it is killed', async () => {
    const child = spawn(process.execPath, [program('appending.ts'), join(dir(), 'data')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const acknowledged: string[] = []
    for await (const id of createInterface(child.stdout)) {
      acknowledged.push(id)
      if (acknowledged.length === 500) child.kill('SIGKILL')
    }
    // The last line may have been cut off in the middle.
    const whole = acknowledged.filter((id) => id.length === 'evt_'.length + 26)
    expect(whole.length).to.be.at.least(500)

    const storage = await open()
    const kept = await storage.reading.trail.list({ orgId: 'org_acme', order: 'oldest', limit: 100_000 })
    const ids = new Set(kept.map(({ id }) => id))
    expect(whole.filter((id) => !ids.has(id))).to.deep.equal([])
    const reports = await verifyTrails(storage.reading.trail)
    expect(reports.filter(({ brokenAt }) => brokenAt)).to.deep.equal([])
    await storage.close()
  })
})
