/** The whole house, with a clock that strikes fast: what it does by itself, and goes on doing. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setImmediate as soon, setTimeout as waited } from 'node:timers/promises'
import { expect } from 'chai'
import { pino } from 'pino'
import { assemble, type House } from '../../src/server/assemble.ts'
import { installation } from '../../src/server/audit/event.ts'
import { loadSettings } from '../../src/server/settings.ts'
import { openStorage } from '../../src/server/storage/open.ts'
import type { Storage } from '../../src/server/storage/storage.ts'
import { loginOf } from '../support/nouns.ts'
import { root } from '../support/server.ts'
import { tempDir } from '../support/temp-dir.ts'

const every = 20
const day = 86_400_000

describe('housekeeping of an assembled house', () => {
  const dir = tempDir()
  let house: House
  /** Another process would see the same. */
  let storage: Storage
  let complaints: { msg: string; err: { message: string } }[]
  let complained: () => void

  beforeEach(async () => {
    complaints = []
    complained = () => {}
    const write = (line: string) => {
      complaints.push(JSON.parse(line))
      complained()
    }
    const settings = loadSettings(root, { DATA_DIR: dir(), PUBLIC_URL: 'https://id.example' })
    house = await assemble(settings, pino({ level: 'error' }, { write }), () => 'serving', every)
    storage = await openStorage({ dataDir: dir() })
  })
  afterEach(async () => {
    await storage.close()
    await house.close()
  })

  /** Whoever looks at a database is told of no change; the test's own time-out ends it. */
  async function until(isSo: () => Promise<boolean>): Promise<void> {
    while (!(await isSo())) await soon()
  }
  const keys = async () => (await storage.reading.signingKeys.all()).map(({ kid }) => kid)
  const scheduled = () =>
    storage.reading.trail.list({ orgId: installation, order: 'oldest', type: 'signing_key.schedule', limit: 10 })
  /** A next signing key that is gone is something to do. */
  async function removeNextKey(): Promise<void> {
    const all = await storage.reading.signingKeys.all()
    const next = all.find(({ activatesAt }) => activatesAt === null)
    await storage.writing.signingKeys.remove(String(next?.kid))
  }
  const run = (sql: string) => {
    const db = new DatabaseSync(join(dir(), 'countersign.db'), { timeout: 20_000 })
    // The house writes all the time, and whoever waits for the lock is not told when it is free: it may take many tries.
    // The lock first: who reads, and then wants to write, is told at once that another has written meanwhile.
    db.exec(`BEGIN IMMEDIATE; ${sql}; COMMIT`)
    db.close()
  }

  it('sees that there is a next signing key, and says in the trail that it made one', async () => {
    const before = await keys()
    expect([before.length, (await scheduled()).length]).to.deep.equal([2, 1])
    await removeNextKey()
    await until(async () => (await keys()).length === 2)
    expect(await keys()).to.not.have.members(before)
    expect(await scheduled()).to.have.length(2)
    expect(complaints).to.deep.equal([])
  })

  it('throws away what has had its time, and nothing else', async () => {
    const now = Date.now()
    const [past, future] = [now - 2 * day, now + day]
    const { revocations, replays, idempotency, logins } = storage.writing
    for (const [name, expiresAt] of [
      ['past', past],
      ['future', future],
    ] as const) {
      await revocations.save([{ id: name, before: 1, expiresAt }])
      await replays.claim(name, 1, expiresAt)
      await idempotency.save({ scope: name, digest: '', sealed: '', expiresAt })
      await logins.start(loginOf({ deviceDigest: name, userDigest: name, expiresAt }))
    }
    const db = new DatabaseSync(join(dir(), 'countersign.db'), { readOnly: true })
    const left = () =>
      [
        'select id as name from revocations',
        'select digest as name from replay_claims',
        'select scope as name from idempotency_keys',
        'select device_digest as name from pending_logins',
      ].map((sql) =>
        db
          .prepare(sql)
          .all()
          .map(({ name }) => name),
      )
    await until(async () => left().flat().length === 4)
    expect(left()).to.deep.equal([['future'], ['future'], ['future'], ['future']])
    db.close()
    expect(complaints).to.deep.equal([])
  })

  it('says in the log that it failed, and goes on', async () => {
    await removeNextKey()
    const heard = new Promise<void>((resolve) => {
      complained = resolve
    })
    run('alter table signing_keys rename to elsewhere')
    await heard
    expect(complaints[0]).to.deep.include({ msg: 'in the background' })
    expect(complaints[0]?.err.message).to.include('no such table: signing_keys')
    run('alter table elsewhere rename to signing_keys')
    await until(async () => (await keys()).length === 2)
  })

  it('ends with the house', async () => {
    await house.close()
    // That nothing happens is no event.
    await waited(5 * every)
    expect(complaints).to.deep.equal([])
  })
})
