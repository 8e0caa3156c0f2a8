/** After an operator's point-in-time recovery of PostgreSQL: the service says what it cannot know, and ends what it is told to. */
import { expect } from 'chai'
import { countersign } from '../support/command.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { sharedPostgres } from '../support/postgres.ts'
import { installing } from '../support/program.ts'
import { call, markedMasterKey, type Service, startService } from '../support/server.ts'
import { createWorld, must } from '../support/world.ts'

describe('PostgreSQL, recovered to an earlier moment', () => {
  let provider: Provider
  let service: Service
  const env = { MASTER_KEY: markedMasterKey, DATABASE_URL: '', PUBLIC_URL: 'http://sts.example' }
  before(async function () {
    this.timeout(installing)
    env.DATABASE_URL = await (await sharedPostgres()).create()
    provider = await startProvider()
    service = await startService({ env })
  })
  after(async () => {
    await service?.close()
    await provider?.close()
  })

  it('is marked while it is served, says so at once and at every start, and verifies', async () => {
    const world = await createWorld(service, provider)
    const token = await world.granted(await world.token())
    const asOf = new Date(Date.now() - 3_600_000).toISOString()
    const said = await countersign(['restore', '--as-of', asOf, '--revoke-before', 'now'], env)
    expect(said.code, said.stderr).to.equal(0)

    const active = async () => (await must(world.introspect(token))).active
    for (const end = Date.now() + 2_000; (await active()) && Date.now() < end; );
    expect(await active()).to.equal(false)
    const installation = async (at: Service) =>
      (await must(call(at, 'GET', '/api/v1/installation', { secret: at.operatorKey }))).restored
    expect(await installation(service)).to.nested.include({ backup_at: asOf, 'unknown.from': asOf })
    expect(await world.granted(await world.token())).to.not.equal(token)

    const another = await startService({ env })
    try {
      expect(another.lines.some(({ level, msg }) => level === 40 && /restored/.test(String(msg)))).to.equal(true)
    } finally {
      await another.close()
    }
    const verified = await countersign(['audit', 'verify'], env)
    expect(verified.code, verified.stdout).to.equal(0)
  })

  it('is copied by its own means alone', async () => {
    const { code, stderr } = await countersign(['backup', '/tmp/none.db'], env)
    expect(code).to.equal(1)
    expect(stderr).to.include('docs/how-to/backups.md')
  })
})
