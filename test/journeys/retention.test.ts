/** Events past their time go by themselves, in the background; the trail goes on from there, and verifies. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { AuditEvent, Deed } from '../../src/server/audit/event.ts'
import { openStorage } from '../../src/server/storage/open.ts'
import { countersign } from '../support/command.ts'
import { deedOf, organization } from '../support/nouns.ts'
import { sharedPostgres } from '../support/postgres.ts'
import { installing } from '../support/program.ts'
import { call, markedMasterKey, type Service, startService } from '../support/server.ts'
import { sealed, trailOf } from '../support/trails.ts'

const anHour = 3_600_000

const databases: [name: string, env: () => Promise<Record<string, string>>][] = [
  ['SQLite', async () => ({ DATABASE_URL: 'sqlite:' })],
  ['PostgreSQL', async () => ({ DATABASE_URL: await (await sharedPostgres()).create(), MASTER_KEY: markedMasterKey })],
]

for (const [name, database] of databases) {
  describe(`journey: events past their time on ${name}`, () => {
    const org = organization()
    let service: Service
    let env: Record<string, string>

    before(async function () {
      this.timeout(installing)
      env = { ...(await database()), AUDIT_RETENTION_DAYS: '1' }
      const dataDir = mkdtempSync(join(tmpdir(), 'countersign-'))
      const storage = await openStorage({ url: env.DATABASE_URL, dataDir })
      const trail = trailOf(storage)
      const record = (hoursAgo: number, more: Partial<Deed> = {}) =>
        trail.append(deedOf({ orgId: org.id, at: Date.now() - hoursAgo * anHour, ...more }))
      await storage.writing.organizations.insert(org)
      await record(30, { type: 'organization.create', result: 'done', target: { type: 'organization', id: org.id } })
      for (let i = 0; i < 1_200; i++) await record(25)
      await record(23, { type: 'team.create', result: 'done' })
      await record(22)
      await sealed(storage)
      await storage.close()
      service = await startService({ env, dataDir })
    })
    after(() => service?.close())

    const lines = async () => {
      const { body } = await call(service, 'GET', '/api/v1/orgs/acme/audit-events', {
        secret: service.operatorKey,
        headers: { accept: 'application/x-ndjson' },
      })
      const texts = String(body.text).trim().split('\n')
      return texts.map((line) => JSON.parse(line) as AuditEvent)
    }

    it('begins with the first that is kept, and says what went before it', async () => {
      // A removal is told once what tells it has its place in the trail: with the next look, at the latest.
      while ((await lines()).at(-1)?.detail.through_seq !== 1_201);
      // That look may have begun before it: a long list is read page by page.
      const events = await lines()
      expect(events.map(({ type }) => type)).to.deep.equal([
        ...['team.create', 'token.exchange'],
        ...['trail.prune', 'trail.prune', 'trail.prune'],
      ])
      for (const [i, { hash }] of events.slice(0, -1).entries()) expect(events[i + 1]?.prev).to.equal(hash)
      const told = events.slice(2)
      expect(told.map(({ actor, detail }) => [actor.type, detail.through_seq, detail.events])).to.deep.equal([
        ['system', 500, 500],
        ['system', 1_000, 500],
        ['system', 1_201, 201],
      ])
      expect(told.at(-1)?.detail.through_hash).to.equal(events[0]?.prev)
    })

    it('verifies, and says since when', async () => {
      const [first] = await lines()
      const said = await countersign(['audit', 'verify'], { ...env, DATA_DIR: service.dataDir })
      expect(said.code, said.stdout).to.equal(0)
      const line = said.stdout.split('\n').find((one) => one.includes('  acme  '))
      expect(line).to.match(/^ok {6}acme {2}5 events since \S+ {2}head [0-9a-f]{64}$/)
      expect(line).to.include(` since ${first?.at} `)
    })

    it('goes on when it is started again', async () => {
      await service.stop()
      service = await startService({ env, dataDir: service.dataDir })
      expect((await lines())[0]?.type).to.equal('team.create')
      expect(service.lines.filter(({ level }) => level === 'error')).to.deep.equal([])
    })
  })
}
