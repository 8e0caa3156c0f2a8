/** What may succeed when tried again: an issuer that is down, storage that is locked, a caller that failed too often. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect } from 'chai'
import { itEmbedded } from '../support/embedded.ts'
import { generateKey, type Provider, startProvider } from '../support/identity-provider.ts'
import { call, type Service, startService } from '../support/server.ts'
import { askFor, createWorld, must, subjectGrants, type World } from '../support/world.ts'
import { expectRefusal } from './refusal.ts'

const unavailable = { error: 'temporarily_unavailable', status: 503 }

describe('what may succeed when tried again', () => {
  let provider: Provider
  let service: Service
  let world: World

  async function open(env: Record<string, string> = {}) {
    provider = await startProvider()
    service = await startService({ env })
    world = await createWorld(service, provider)
  }
  afterEach(async () => {
    await service?.close()
    await provider?.close()
  })

  it('issuer_unavailable while no key is known; other issuers are not affected; then healthy', async () => {
    await open()
    const down = await startProvider()
    try {
      down.fail('error')
      const made = await world.make('/issuers', { name: 'down', issuer: down.issuer })
      expect(made.health).to.deep.include({ state: 'failing' })
      await world.external('sleeper', 'job-1', { trust: { issuer: 'down', subject: 'job-1' } })
      const token = () => down.token({ aud: world.audience })

      for (const grant of subjectGrants) {
        const answer = await world.post(askFor(grant, token()))
        const requestId = expectRefusal(answer, { reason: 'issuer_unavailable', ...unavailable })
        const [event] = await world.auditOf(requestId)
        expect(event).to.deep.include({ type: 'token.exchange', result: 'refused', reason: 'issuer_unavailable' })
      }
      await world.granted(world.token())

      down.fail(null)
      const { health } = await must(world.api('POST', '/issuers/down/refresh', {}))
      expect(health).to.deep.include({ state: 'ok' })
      await world.granted(token())
    } finally {
      await down.close()
    }
  })

  it('a provider that goes away takes nothing with it: known keys serve', async () => {
    await open()
    provider.fail('hang')
    await world.granted(world.token())
    const unknown = await world.exchange(world.token({}, { kid: 'new', key: generateKey('RS256').privateKey }))
    expectRefusal(unknown, { reason: 'key_not_found', error: 'invalid_grant', status: 400 })
  })

  itEmbedded(
    'storage_unavailable while another process holds the write lock: no token; the refusal is on record later',
    async () => {
      await open()
      await world.granted(world.token())
      const lock = new DatabaseSync(join(service.dataDir, 'countersign.db'))
      const refused: string[] = []
      lock.exec('BEGIN IMMEDIATE')
      try {
        const ready = await call(service, 'GET', '/readyz')
        expect([ready.status, ready.body.status]).to.deep.equal([200, 'degraded'])
        expect(ready.body.dependencies).to.deep.equal({ database: { state: 'unavailable' } })
        const answers = await Promise.all(subjectGrants.map((grant) => world.post(askFor(grant, world.token()))))
        for (const answer of answers) {
          refused.push(expectRefusal(answer, { reason: 'storage_unavailable', ...unavailable }))
          expect(answer.body).to.not.have.property('access_token')
        }
      } finally {
        lock.exec('ROLLBACK')
        lock.close()
      }
      await world.granted(world.token())
      // A probe's answer is good for a second.
      const isWell = async () => (await call(service, 'GET', '/readyz')).body.status === 'ok'
      for (let tries = 0; !(await isWell()); tries++) {
        expect(tries).to.be.lessThan(40)
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
      for (const requestId of refused) {
        const events = await world.auditOf(requestId)
        expect(events).to.have.length(1)
        expect(events[0]).to.deep.include({ result: 'refused', reason: 'storage_unavailable' })
        expect(events[0]?.detail).to.not.have.property('jti')
      }
    },
  )

  itEmbedded(
    'storage_unavailable for what would be refused anyway: nothing is said that is not on record',
    async () => {
      await open()
      const lock = new DatabaseSync(join(service.dataDir, 'countersign.db'))
      lock.exec('BEGIN IMMEDIATE')
      let requestId: string
      try {
        const answer = await world.exchange(world.token({ sub: 'nobody' }))
        requestId = expectRefusal(answer, { reason: 'storage_unavailable', ...unavailable })
      } finally {
        lock.exec('ROLLBACK')
        lock.close()
      }
      await world.granted(world.token())
      expect(await world.auditOf(requestId)).to.have.length(1)
    },
  )

  itEmbedded('a single-use token that met locked storage is not burnt', async () => {
    await open()
    await must(world.api('PATCH', '/issuers/ci', { single_use: true }))
    const token = world.token({ jti: crypto.randomUUID() })
    const lock = new DatabaseSync(join(service.dataDir, 'countersign.db'))
    lock.exec('BEGIN IMMEDIATE')
    try {
      expectRefusal(await world.exchange(token), { reason: 'storage_unavailable', ...unavailable })
    } finally {
      lock.exec('ROLLBACK')
      lock.close()
    }
    await world.granted(token)
  })

  it('rate_limited after so many failures in a minute; a good caller at the same address still gets through', async () => {
    await open({ LIMIT_FAILED_PER_MINUTE: '3' })
    const forged = () => world.token({}, { key: generateKey('ES256').privateKey, alg: 'ES256', kid: null })
    for (let i = 0; i < 3; i++) {
      const { status } = await world.exchange(forged())
      expect(status).to.equal(400)
    }
    for (const grant of subjectGrants) {
      const answer = await world.post(askFor(grant, forged()))
      const requestId = expectRefusal(answer, { reason: 'rate_limited', error: 'slow_down', status: 429 })
      const [event] = await world.auditOf(requestId)
      expect(event).to.deep.include({ result: 'refused', reason: 'rate_limited' })
      expect(event?.detail).to.have.property('refused_as').and.not.equal(undefined)
      expect(event?.detail).to.not.have.property('claims')
      await world.granted(world.token())
    }
  })

  it('rate_limited for guessed API keys, at the token endpoint and at the API; a good key still gets through', async () => {
    await open({ LIMIT_FAILED_PER_MINUTE: '3' })
    const guess = (i: number) => `csk_${String(i).padStart(49, '0')}`
    for (let i = 0; i < 3; i++) expect((await world.withKey(guess(i))).status).to.equal(401)
    const answer = await world.withKey(guess(4))
    const requestId = expectRefusal(answer, { reason: 'rate_limited', error: 'slow_down', status: 429 })
    expect((await world.installationAuditOf(requestId))[0]).to.deep.include({ reason: 'rate_limited' })
    expect((await world.withKey(world.apiKey)).status).to.equal(200)
    const atApi = (secret: string) => call(service, 'GET', '/api/v1/me', { secret })
    for (let i = 0; i < 3; i++) expect((await atApi(guess(i))).status).to.equal(401)
    expect((await atApi(guess(4))).body).to.include({ status: 429, reason: 'rate_limited' })
    expect((await atApi(world.adminKey)).status).to.equal(200)
  })
})
