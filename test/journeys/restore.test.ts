/** A backup of a service that runs, and what is so after it was put back: nothing comes alive again unsaid. */
import { execFile } from 'node:child_process'
import { chmodSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { countersign } from '../support/command.ts'
import { describedBy } from '../support/described.ts'
import { documented, replaced } from '../support/documented.ts'
import { describeEmbedded } from '../support/embedded.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { call, type Service, startService } from '../support/server.ts'
import { askFor, createWorld, must, type World } from '../support/world.ts'

type Restored = Record<string, unknown> & { unknown: { from: string; to: string } }

describeEmbedded('journey: restored from a backup', () => {
  let provider: Provider
  let service: Service
  let world: World
  let folder: string
  const env = { PUBLIC_URL: 'https://id.example' }

  before(async () => {
    provider = await startProvider()
  })
  after(() => provider?.close())
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'countersign-backup-'))
    service = await startService({ env })
    world = await createWorld(service, provider)
  })
  afterEach(async () => {
    await service?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const run = (...args: string[]) => countersign(args, { DATA_DIR: service.dataDir })
  const database = () => join(service.dataDir, 'countersign.db')
  const backupFile = () => join(folder, 'countersign.backup')
  const done = async (...args: string[]) => {
    const said = await run(...args)
    expect(said.code, said.stderr).to.equal(0)
    return said
  }
  const restart = async () => {
    service = await startService({ env, dataDir: service.dataDir })
    world = { ...world, service }
  }
  const operator = (method: string, path: string, json?: unknown) =>
    call(service, method, `/api/v1${path}`, { secret: service.operatorKey, ...(json === undefined ? {} : { json }) })
  const restored = async () => (await must(operator('GET', '/installation'))).restored as Restored | null
  const trail = async (type: string) =>
    (await must(operator('GET', `/audit-events?type=${type}`))).items as { id: string; detail: object }[]
  const lives = async (token: string) =>
    (await call(service, 'POST', '/oauth/introspect', { form: { token }, secret: world.adminKey })).body.active === true
  const revoke = (token: string) => must(call(service, 'POST', '/oauth/revoke', { form: { token } }))
  const warnings = () => service.lines.filter(({ level, restored }) => level === 40 && restored)
  const exchange = async (claims = {}) =>
    (await call(service, 'POST', '/oauth/token', { form: askFor('jwtBearer', world.token(claims)) })).body
  const granted = async () => String((await exchange()).access_token)

  /** A token that was revoked after the backup, in a service that was restored from it and started again. */
  async function revived(...more: string[]): Promise<{ token: string; backupAt: string; said: string }> {
    const token = await granted()
    const { stdout } = await done('backup', backupFile())
    await revoke(token)
    expect(await lives(token)).to.equal(false)
    await service.stop()
    const { stderr } = await done('restore', backupFile(), ...more)
    await restart()
    return { token, backupAt: /^of +(\S+)$/m.exec(stdout)?.[1] as string, said: stderr }
  }

  it('says where the backup is, of which moment, and that the key is not in it; only we read it', async () => {
    const from = new Date().toISOString()
    const { stdout, stderr } = await done('backup', backupFile())
    const to = new Date().toISOString()
    const [where, of, key, ...rest] = stdout.trimEnd().split('\n') as [string, string, string]
    expect([stderr, rest]).to.deep.equal(['', []])
    const { mode, size } = statSync(backupFile())
    expect(where).to.equal(`backup  ${backupFile()}  (${size} bytes, whole)`)
    const at = of.replace(/^of +/, '')
    expect(at >= from && at <= to, of).to.equal(true)
    expect(key).to.include(join(service.dataDir, 'master.key')).and.to.include('not in it')
    expect(mode & 0o777).to.equal(0o600)
    expect(readdirSync(folder)).to.deep.equal(['countersign.backup'])
    expect(readFileSync(backupFile()).includes(readFileSync(join(service.dataDir, 'master.key')))).to.equal(false)
  })

  it('of a service under load is whole: every chain verifies, and what was answered before is in it', async () => {
    let over = false
    const failed: unknown[] = []
    const client = async () => {
      while (!over) {
        const body = await exchange()
        if (typeof body.access_token !== 'string') failed.push(body)
      }
    }
    const clients = Array.from({ length: 8 }, client)
    const { request_id } = await exchange({ sub: 'nobody' })
    await done('backup', backupFile())
    over = true
    await Promise.all(clients)
    expect(failed).to.deep.equal([])
    const DATA_DIR = join(folder, 'copy')
    cpSync(backupFile(), join(DATA_DIR, 'countersign.db'))
    const { code, stdout } = await countersign(['audit', 'verify'], { DATA_DIR })
    expect(code, stdout).to.equal(0)
    const copy = new DatabaseSync(join(DATA_DIR, 'countersign.db'))
    expect(copy.prepare('select reason from audit_events where request_id = ?').all(String(request_id))).to.have.length(
      1,
    )
    copy.close()
  })

  it('overwrites nothing, unless it is told to; and never the database itself', async () => {
    writeFileSync(backupFile(), 'precious')
    const refused = await run('backup', backupFile())
    expect([refused.code, refused.stdout]).to.deep.equal([1, ''])
    expect(refused.stderr).to.equal(
      `countersign: ${backupFile()} exists already: choose another name, or say --force\n`,
    )
    expect(readFileSync(backupFile(), 'utf8')).to.equal('precious')
    await done('backup', '--force', backupFile())
    expect(statSync(backupFile()).size).to.be.greaterThan(10_000)
    for (const suffix of ['', '-wal', '.lock']) {
      const itself = await run('backup', '--force', database() + suffix)
      expect(itself.code).to.equal(1)
      expect(itself.stderr).to.match(/ is the database itself: choose another name\n$/)
    }
    expect(readdirSync(folder)).to.deep.equal(['countersign.backup'])
    expect((await exchange()).access_token).to.be.a('string')
  })

  it('what was revoked since is alive again, and is said to be: by the command, in the log, to the operator', async () => {
    const { token, backupAt, said } = await revived()
    expect(await lives(token), 'which is why it has to be said').to.equal(true)
    const known = await restored()
    expect(known).to.include({ backup_at: backupAt, estimated: false, revoked_before: null })
    expect(known?.unknown).to.deep.equal({ from: backupAt, to: known?.restored_at })
    const span = `from ${backupAt} to ${known?.unknown.to} are not known here`
    expect(said).to.include(span)
    expect(known?.message).to.include(span)
    expect(known?.message).to.match(/revocations, disabled accounts, deleted API keys/)
    expect(warnings()).to.have.length(1)
    expect(warnings()[0]?.msg).to.include(span)
    const answer = await operator('GET', '/installation')
    const document = (await call(service, 'GET', '/api/v1/openapi.json')).body
    const asked = { method: 'GET', path: '/api/v1/installation', answer }
    expect(describedBy(document).surprises(asked)).to.deep.equal([])
  })

  it('is on record, and every chain verifies', async () => {
    const { backupAt } = await revived()
    const [event] = await trail('installation.restore')
    expect(event?.detail).to.deep.include({ backup_at: backupAt, estimated: false })
    const { stdout } = await done('audit', 'verify')
    expect(stdout)
      .to.match(/^ok +\* /m)
      .and.to.match(/^ok +acme /m)
  })

  it('the operator ends all that was minted up to a time; what is minted next lives, after another start too', async () => {
    const { token } = await revived()
    const later = await granted()
    const before = String((await restored())?.restored_at)
    expect(await must(operator('POST', '/installation/revoke', { before }))).to.deep.equal({ revoked_before: before })
    expect([await lives(token), await lives(later)]).to.deep.equal([false, true])
    expect((await trail('tokens.revoke')).map(({ detail }) => detail)).to.deep.equal([{ before }])
    expect((await restored())?.revoked_before).to.equal(before)
    await service.kill()
    await restart()
    expect([await lives(token), await lives(later)]).to.deep.equal([false, true])
    expect(warnings(), 'nobody has answered yet').to.have.length(1)
  })

  it('a time that is a little ahead of our clock means now; one that is further ahead is refused', async () => {
    const token = await granted()
    const soon = new Date(Date.now() + 30_000).toISOString()
    const { revoked_before } = await must(operator('POST', '/installation/revoke', { before: soon }))
    expect(String(revoked_before) < soon).to.equal(true)
    const next = await granted()
    expect([await lives(token), await lives(next)]).to.deep.equal([false, true])
    const far = await operator('POST', '/installation/revoke', { before: new Date(Date.now() + 90_000).toISOString() })
    expect([far.status, far.body.reason]).to.deep.equal([422, 'body_invalid'])
    const admin = await call(service, 'POST', '/api/v1/installation/revoke', {
      secret: world.adminKey,
      json: { before: soon },
    })
    expect(admin.status).to.equal(403)
    expect(await lives(next)).to.equal(true)
  })

  it('restore --revoke-before now ends them before anybody can use one', async () => {
    const { token } = await revived('--revoke-before', 'now')
    expect(await lives(token)).to.equal(false)
    expect(await lives(await granted())).to.equal(true)
    expect((await restored())?.revoked_before).to.equal((await restored())?.restored_at)
    expect(await trail('tokens.revoke')).to.have.length(1)
    await done('audit', 'verify')
  })

  it('is said at every start until the operator has answered, and then no more', async () => {
    await revived()
    await service.stop()
    await restart()
    expect(warnings()).to.have.length(1)
    expect(await must(operator('PATCH', '/installation', { restored: null }))).to.deep.equal({ restored: null })
    expect(await trail('installation.update')).to.have.length(1)
    await service.stop()
    await restart()
    expect([warnings(), await restored()]).to.deep.equal([[], null])
  })

  it('a second restore from a backup of an unanswered one adds to the span', async () => {
    const { backupAt } = await revived()
    await done('backup', '--force', backupFile())
    await service.stop()
    await done('restore', backupFile())
    await restart()
    const known = await restored()
    expect(known?.unknown.from).to.equal(backupAt)
    expect(String(known?.backup_at) > backupAt).to.equal(true)
  })

  it('the database that was there is kept beside it, with its last writes', async () => {
    const token = await granted()
    await done('backup', backupFile())
    await revoke(token)
    // What was revoked last then stands in the log alone.
    await service.kill()
    const { stdout } = await done('restore', backupFile())
    const kept = /^before +(\S+)/.exec(stdout)?.[1] as string
    expect(kept).to.match(/\/countersign\.db\.before-restore-\d{4}-\d\d-\d\dT[\d-]+Z$/)
    expect(readdirSync(service.dataDir).filter((name) => /^countersign\.db-/.test(name))).to.deep.equal([])
    await restart()
    expect(await lives(token)).to.equal(true)
    await service.stop()
    const { stderr } = await countersign(['restore', kept], { DATA_DIR: service.dataDir })
    expect(stderr).to.include('(an estimate)')
    await restart()
    expect(await lives(token)).to.equal(false)
    const known = await restored()
    expect(known?.estimated).to.equal(true)
    expect(String(known?.backup_at) <= String(known?.restored_at)).to.equal(true)
  })

  it('is refused while a process serves the database, and nothing has changed', async () => {
    await done('backup', backupFile())
    const token = await granted()
    await revoke(token)
    const { code, stdout, stderr } = await run('restore', backupFile())
    expect([code, stdout]).to.deep.equal([1, ''])
    expect(stderr).to.match(/^countersign: .*another process serves this database \(.*\)\n$/)
    expect((await run('restore', '--as-of', '2026-01-01T00:00:00Z')).code).to.equal(1)
    await service.stop()
    await restart()
    expect([await lives(token), await restored()]).to.deep.equal([false, null])
  })

  it('put in place by hand, it is noticed at the start', async () => {
    const token = await granted()
    const { stdout } = await done('backup', backupFile())
    await revoke(token)
    await service.stop()
    cpSync(backupFile(), database())
    await restart()
    expect(await lives(token)).to.equal(true)
    const known = await restored()
    expect(stdout).to.include(`of      ${known?.unknown.from}\n`)
    expect(warnings()).to.have.length(1)
    expect(await trail('installation.restore')).to.have.length(1)
    await service.stop()
    await restart()
    expect(await restored(), 'once').to.deep.equal(known)
    await done('audit', 'verify')
  })

  it('docs/how-to/backups.md: its calls, pasted into a shell, end the tokens and the warning', async () => {
    const { token } = await revived()
    const before = String((await restored())?.unknown.to)
    const calls = documented('docs/how-to/backups.md', 'sh').filter((block) => block.includes('/installation'))
    expect(calls).to.have.length(3)
    const pasted = replaced(calls.join('echo\n'), { '2026-01-31T14:00:00Z': before })
    const variables = { PATH: process.env.PATH, URL: service.url, OPERATOR_KEY: service.operatorKey }
    const { stdout } = await promisify(execFile)('bash', ['--norc', '-c', pasted], { env: variables })
    expect(stdout).to.match(/"unknown":.*\n\{"revoked_before":.*\n\{"restored":null\}$/)
    expect(await lives(token)).to.equal(false)
  })

  it('on another machine, with the master key: everything is there, and there is nothing to keep', async () => {
    const token = await granted()
    await done('backup', backupFile())
    chmodSync(backupFile(), 0o644)
    const dataDir = join(folder, 'other')
    const { stdout } = await countersign(['restore', backupFile()], { DATA_DIR: dataDir })
    expect(stdout).to.not.include('before')
    cpSync(join(service.dataDir, 'master.key'), join(dataDir, 'master.key'))
    const other = await startService({ env, dataDir })
    try {
      const introspected = { form: { token }, secret: world.adminKey }
      expect((await call(other, 'POST', '/oauth/introspect', introspected)).body.active).to.equal(true)
      expect(statSync(join(dataDir, 'countersign.db')).mode & 0o777).to.equal(0o600)
    } finally {
      await other.close()
    }
  })

  it('after a recovery by other means, --as-of says so of the database as it is', async () => {
    const token = await granted()
    await service.stop()
    const { stdout, stderr } = await done('restore', '--as-of', '2026-01-31T12:00:00+01:00', '--revoke-before', 'now')
    expect(stdout).to.match(/^marked .*, of 2026-01-31T11:00:00\.000Z\nended /)
    expect(stderr).to.include('from 2026-01-31T11:00:00.000Z to ')
    await restart()
    expect(await lives(token)).to.equal(false)
    expect(await restored()).to.include({ backup_at: '2026-01-31T11:00:00.000Z', estimated: false })
    await done('audit', 'verify')
  })
})

describeEmbedded('journey: a file that is no backup is refused, and nothing is lost', () => {
  let service: Service
  let folder: string
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'countersign-backup-'))
    service = await startService()
    await must(call(service, 'POST', '/api/v1/orgs', { secret: service.operatorKey, json: { name: 'acme' } }))
    await countersign(['backup', join(folder, 'good')], { DATA_DIR: service.dataDir })
    await service.stop()
  })
  after(async () => {
    await service?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const edited = (sql: string) => (file: string) => {
    const db = new DatabaseSync(file)
    db.exec(sql)
    db.close()
  }
  const files: [what: string, spoil: (file: string) => void, says: RegExp][] = [
    ['is not there', (file) => rmSync(file), /there is no /],
    [
      'is something else',
      (file) => writeFileSync(file, 'a letter to the bank '.repeat(500)),
      /no Countersign database/,
    ],
    ['is empty', (file) => writeFileSync(file, ''), /no Countersign database/],
    [
      'is another database',
      (file) => [rmSync, edited('create table t (a)')].map((deed) => deed(file)),
      /no Countersign database/,
    ],
    ['is of a newer version', edited(`insert into kysely_migration values ('9999-later', 'x')`), /newer version.*9999/],
    [
      'was cut off',
      (file) => writeFileSync(file, readFileSync(file).subarray(0, statSync(file).size - 20_480)),
      /is damaged|cannot be read/,
    ],
    [
      'was overwritten in the middle',
      (file) => {
        const bytes = readFileSync(file)
        const page = bytes.readUInt16BE(16)
        writeFileSync(file, bytes.fill(0xff, 8 * page, 12 * page))
      },
      /is damaged|cannot be read/,
    ],
  ]
  /** Every file of the data folder, but for the lock, which holds nothing. */
  const content = () =>
    readdirSync(service.dataDir)
      .filter((name) => !name.endsWith('.lock'))
      .map((name) => [name, readFileSync(join(service.dataDir, name)).toString('base64')])
  const refused = async (file: string, says: RegExp) => {
    const before = content()
    const { code, stdout, stderr } = await countersign(['restore', file], { DATA_DIR: service.dataDir })
    expect([code, stdout], stderr).to.deep.equal([1, ''])
    expect(stderr).to.match(says)
    expect(stderr.split('\n')).to.have.length(2)
    expect(content()).to.deep.equal(before)
  }

  for (const [what, spoil, says] of files)
    it(what, async () => {
      const file = join(folder, 'spoilt')
      cpSync(join(folder, 'good'), file)
      spoil(file)
      await refused(file, says)
    })

  it('is the database itself', () => refused(join(service.dataDir, 'countersign.db'), / is the database itself\n$/))

  it('is a database that another process serves', async () => {
    const other = await startService()
    try {
      await refused(join(other.dataDir, 'countersign.db'), /another process serves .*make a backup of it/)
    } finally {
      await other.close()
    }
  })

  it('and the service starts again, as it was', async () => {
    service = await startService({ dataDir: service.dataDir })
    const secret = service.operatorKey
    expect((await call(service, 'GET', '/api/v1/orgs/acme', { secret })).status).to.equal(200)
    expect((await call(service, 'GET', '/api/v1/installation', { secret })).body).to.deep.equal({ restored: null })
  })
})
