/** The trail from outside: filters, pages, NDJSON, a key's first use in an hour, and rotation of signing keys on record. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect } from 'chai'
import { itEmbedded } from '../support/embedded.ts'
import { call, type Service, startService } from '../support/server.ts'

type Event = {
  id: string
  type: string
  at: string
  actor: { type: string; name?: string }
  target?: { name?: string }
  prev: string
  hash: string
}

describe('journey: the audit trail', () => {
  let service: Service
  let admin: string
  const events = async (query: string) => {
    const { body } = await call(service, 'GET', `/api/v1/orgs/acme/audit-events?${query}`, { secret: admin })
    return body.items as Event[]
  }

  before(async () => {
    service = await startService()
    const made = await call(service, 'POST', '/api/v1/orgs', {
      secret: service.operatorKey,
      json: { name: 'acme', first_admin: { username: 'ada', email: 'ada@acme.example' } },
    })
    admin = String(made.body.api_key)
    for (const name of ['one', 'two', 'three'])
      await call(service, 'POST', '/api/v1/orgs/acme/teams', { secret: admin, json: { name } })
    await call(service, 'DELETE', '/api/v1/orgs/acme/teams/three', { secret: admin })
  })
  after(() => service?.close())

  it('lists newest first, filtered by type, actor, target, result, time and request id', async () => {
    const teams = await events('type=team.create')
    expect(teams.map(({ target }) => target?.name)).to.deep.equal(['three', 'two', 'one'])
    expect((await events('type=team.*')).length).to.equal(4)
    expect((await events('actor=ada&type=team.delete')).length).to.equal(1)
    expect((await events('actor=operator&target=acme')).map(({ type }) => type)).to.deep.equal(['organization.create'])
    expect((await events('target=two')).map(({ type }) => type)).to.deep.equal(['team.create'])
    expect((await events('result=refused')).length).to.equal(0)
    const at = teams[1]?.at as string
    expect((await events(`from=${at}&to=${at}&type=team.create`)).map(({ target }) => target?.name)).to.include('two')
    const one = await call(service, 'POST', '/api/v1/orgs/acme/teams', { secret: admin, json: { name: 'four' } })
    expect((await events(`request_id=${one.headers.get('x-request-id')}`)).map(({ type }) => type)).to.deep.equal([
      'team.create',
    ])
  })

  it('says what was before and after', async () => {
    await call(service, 'PATCH', '/api/v1/orgs/acme/teams/one', { secret: admin, json: { display_name: 'One' } })
    const [event] = (await events('type=team.update')) as (Event & { detail: unknown })[]
    expect(event?.detail).to.deep.equal({ before: { display_name: null }, after: { display_name: 'One' } })
  })

  it('records a key’s first use in an hour, and no more', async () => {
    for (let i = 0; i < 3; i++) await call(service, 'GET', '/api/v1/me', { secret: admin })
    expect((await events('type=api_key.use')).length).to.be.within(1, 2)
  })

  it('streams all as NDJSON, oldest first, each naming the one before', async () => {
    const stream = await call(service, 'GET', '/api/v1/orgs/acme/audit-events', {
      secret: admin,
      headers: { accept: 'application/x-ndjson' },
    })
    expect(stream.headers.get('content-type')).to.match(/^application\/x-ndjson/)
    const lines = String(stream.body.text)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Event)
    expect(lines[0]?.type).to.equal('organization.create')
    for (const [i, { prev }] of lines.entries()) expect(prev).to.equal(lines[i - 1]?.hash ?? '0'.repeat(64))
    let cursor: string | null = ''
    let paged = 0
    while (cursor !== null) {
      const page: { body: Record<string, unknown> } = await call(
        service,
        'GET',
        `/api/v1/orgs/acme/audit-events?limit=3${cursor && `&cursor=${cursor}`}`,
        { secret: admin },
      )
      paged += (page.body.items as Event[]).length
      cursor = page.body.next_cursor as string | null
    }
    expect(paged).to.equal(lines.length)
  })

  itEmbedded('streams a long trail without keeping anybody waiting', async () => {
    const many = 30_000
    const db = new DatabaseSync(join(service.dataDir, 'countersign.db'))
    // In a chain of its own, which nobody verifies: only its length matters.
    const { id } = (
      await call(service, 'POST', '/api/v1/orgs', { secret: service.operatorKey, json: { name: 'long' } })
    ).body
    const columns = 'id, at, type, result, request_id, body, hash'
    db.exec(`with recursive n(i) as (select 2 union all select i + 1 from n where i <= ${many})
      insert into audit_events (org_id, seq, ${columns}) select '${id}', n.i, ${columns} from n, audit_events
      where org_id = '${id}' and seq = 1`)
    db.close()
    let done = false
    const stream = call(service, 'GET', '/api/v1/orgs/long/audit-events', {
      secret: service.operatorKey,
      headers: { accept: 'application/x-ndjson' },
    }).finally(() => {
      done = true
    })
    let served = 0
    for (; !done; served++) await call(service, 'GET', '/livez')
    expect(
      String((await stream).body.text)
        .trim()
        .split('\n').length,
    ).to.equal(many + 1)
    expect(served).to.be.greaterThan(20)
  })

  it('rotates our signing keys for the operator alone, on record; in an emergency old tokens die', async () => {
    const { body } = await call(service, 'POST', '/oauth/token', {
      form: { grant_type: 'client_credentials', client_secret: admin },
    })
    const token = String(body.access_token)
    const introspect = async () =>
      (await call(service, 'POST', '/oauth/introspect', { secret: admin, form: { token } })).body.active
    const rotate = (secret: string, json: object) =>
      call(service, 'POST', '/api/v1/signing-keys/rotate', { secret, json })
    expect((await rotate(admin, {})).status).to.equal(403)
    const planned = await rotate(service.operatorKey, {})
    expect(planned.status).to.equal(200)
    expect(Date.parse(String(planned.body.activates_at))).to.be.greaterThan(Date.now() + 500_000)
    expect(await introspect()).to.equal(true)
    const emergency = await rotate(service.operatorKey, { emergency: true })
    expect(emergency.body.current).to.equal(planned.body.next)
    expect(await introspect()).to.equal(false)
    const jwks = (await call(service, 'GET', '/oauth/jwks')).body.keys as { kid: string }[]
    expect(jwks.map(({ kid }) => kid)).to.have.members([emergency.body.current, emergency.body.next])
    const trail = await call(service, 'GET', '/api/v1/audit-events?type=signing_key.rotate', {
      secret: service.operatorKey,
    })
    expect(trail.body.items).to.have.length(2)
  })
})
