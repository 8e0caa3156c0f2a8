/** kill -9 under load: no token without its record, a trail that verifies, and one that does not when it was touched. */
import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect } from 'chai'
import { describeEmbedded } from '../support/embedded.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { bareEnv, root, type Service, startService } from '../support/server.ts'
import { claimsIn, createWorld, type Event, type World } from '../support/world.ts'

const connections = 32

/** `countersign audit verify`, as an operator runs it. */
const verify = (dataDir: string) =>
  new Promise<{ code: unknown; out: string; err: string }>((resolve) => {
    const args = [join(root, 'bin/countersign.js'), 'audit', 'verify']
    const env = { ...bareEnv, DATA_DIR: dataDir }
    execFile(process.execPath, args, { cwd: dataDir, env }, (error, out, err) =>
      resolve({ code: error ? error.code : 0, out, err }),
    )
  })

async function wholeTrail(url: string, world: World): Promise<Event[]> {
  const response = await fetch(`${url}${world.path}/audit-events`, {
    headers: { accept: 'application/x-ndjson', authorization: `Bearer ${world.adminKey}` },
  })
  expect(response.status).to.equal(200)
  const lines = (await response.text()).trim().split('\n')
  return lines.map((line) => JSON.parse(line) as Event)
}

/** Exchanges over so many connections until the service is gone; `seen` is told of each token that a client received. */
async function load(
  service: Service,
  ask: () => Promise<{ body: Record<string, unknown> }>,
  seen: (token: string) => void,
) {
  const failures: unknown[] = []
  const client = async () => {
    while (service.process.signalCode === null) {
      const { body } = await ask()
      if (typeof body.access_token === 'string') seen(body.access_token)
      else failures.push(body)
    }
  }
  await Promise.all(Array.from({ length: connections }, () => client().catch(() => undefined)))
  return failures
}

describeEmbedded('kill -9 under load', () => {
  let provider: Provider
  let service: Service
  let world: World
  const env = { PUBLIC_URL: 'https://id.example' }

  before(async () => {
    provider = await startProvider()
    service = await startService({ env })
    world = await createWorld(service, provider)
    await world.make('/issuers', { name: 'once', issuer: provider.issuer, audiences: ['once'], single_use: true })
    await createWorld(service, provider, { org: 'other' })
    await world.external('once', 'once', { trust: { issuer: 'once', subject: 'once' } })
  })
  after(async () => {
    await service?.close()
    await provider?.close()
  })

  const restart = async () => {
    service = await startService({ env, dataDir: service.dataDir })
    world = { ...world, service }
  }

  for (const round of [1, 2, 3]) {
    it(`every token that a client received is on record, once (round ${round})`, async () => {
      const received: string[] = []
      const at = service.url
      const form = () => {
        const ask = { aud: 'once', sub: 'once', jti: crypto.randomUUID() }
        const token = round === 2 ? world.token(ask) : world.token()
        return new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: token })
      }
      const ask = async () => {
        const response = await fetch(`${at}/oauth/token`, { method: 'POST', body: form() })
        return { body: (await response.json()) as Record<string, unknown> }
      }
      let killed: Promise<void> | undefined
      const failures = await load(service, ask, (token) => {
        received.push(token)
        if (received.length >= 150 * round) killed ??= service.kill()
      })
      await killed
      expect(failures).to.deep.equal([])
      expect(service.process.signalCode).to.equal('SIGKILL')

      expect(await verify(service.dataDir), 'as it was left').to.deep.include({ code: 0 })
      await restart()
      const events = await wholeTrail(service.url, world)
      const recorded = events.map(({ detail }) => detail.jti).filter((jti) => typeof jti === 'string')
      expect(new Set(recorded).size, 'recorded once').to.equal(recorded.length)
      const known = new Set<unknown>(recorded)
      const lost = received.map((token) => claimsIn(token).jti).filter((jti) => !known.has(jti))
      expect(received.length).to.be.at.least(150 * round)
      expect(lost, 'tokens without a record').to.deep.equal([])
      // What was being written when it died may be on record without having reached its client, and no more than that.
      const live = await verify(service.dataDir)
      expect(live.code, live.out + live.err).to.equal(0)
      expect(live.out).to.match(/^ok +acme +\d+ events +head [0-9a-f]{64}$/m)
    })
  }

  it('a token of before the crash lives after it', async () => {
    const form = { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: world.token() }
    const ask = () => fetch(`${service.url}/oauth/token`, { method: 'POST', body: new URLSearchParams(form) })
    const { access_token } = (await (await ask()).json()) as Record<string, string>
    await service.kill()
    await restart()
    const response = await fetch(`${service.url}/oauth/userinfo`, {
      headers: { authorization: `Bearer ${access_token}` },
    })
    expect(response.status).to.equal(200)
  })

  describe('a trail that was touched does not verify, and the first break is named', () => {
    const seq = 7
    const where = `where seq = ${seq} and org_id = (select id from organizations where name = 'acme')`
    const last = `where org_id = (select id from organizations where name = 'acme')`
    const idOf = (name: string) => `(select id from organizations where name = '${name}')`
    const given = (from: string, to: string) =>
      ['audit_events', 'audit_heads'].map((table) => `update ${table} set org_id = ${to} where org_id = ${from};`)
    const tamperings: Record<string, [sql: string, named: RegExp]> = {
      'a word changed': [`update audit_events set body = replace(body, 'acme', 'evil') ${where}`, /event 7\b/],
      'another hash': [`update audit_events set hash = '${'0'.repeat(64)}' ${where}`, /event [78]\b/],
      'an event removed': [`delete from audit_events ${where}`, /event [78]\b/],
      'the last event removed': [
        `delete from audit_events ${last} and seq = (select max(seq) from audit_events ${last})`,
        /event \d+/,
      ],
      'all events removed': [`delete from audit_events ${last}`, /event \d+/],
      'all events removed, as if there had been none': [
        `delete from audit_events ${last}; delete from audit_heads ${last}`,
        /acme +at event 1: removed$/m,
      ],
      'two organizations exchanged': [
        [
          ...given(idOf('acme'), `'nobody'`),
          ...given(idOf('other'), idOf('acme')),
          ...given(`'nobody'`, idOf('other')),
        ].join(''),
        /acme +at event 1 \(evt_\w+\): other_organization$/m,
      ],
      'two events exchanged': [
        `update audit_events set seq = -1 ${where};
         update audit_events set seq = 7 ${where.replace('= 7', '= 8')};
         update audit_events set seq = 8 ${where.replace('= 7', '= -1')}`,
        /event [78]\b/,
      ],
      'a column that it is found by': [`update audit_events set request_id = 'req_x' ${where}`, /event 7\b/],
      'the column of its result': [`update audit_events set result = 'refused', reason = 'x' ${where}`, /event 7\b/],
      'the column of its time': [`update audit_events set at = 1 ${where}`, /event 7\b/],
      'the column of its actor': [`update audit_events set actor_id = 'user_x' ${where}`, /event 7\b/],
    }

    for (const [name, [sql, named]] of Object.entries(tamperings)) {
      it(name, async () => {
        const copy = mkdtempSync(join(tmpdir(), 'countersign-'))
        try {
          if (service.process.exitCode === null) await service.stop()
          cpSync(service.dataDir, copy, { recursive: true })
          const database = new DatabaseSync(join(copy, 'countersign.db'))
          database.exec(sql)
          database.close()
          const { code, out } = await verify(copy)
          expect(code, out).to.be.a('number').and.not.equal(0)
          expect(out).to.match(/^BROKEN +acme +at event/m)
          expect(out).to.match(named)
        } finally {
          rmSync(copy, { recursive: true, force: true })
        }
      })
    }

    it('and as it was, it does', async () => {
      expect((await verify(service.dataDir)).code).to.equal(0)
    })
  })
})
