/** A single-use token whose claim was written, and whose event was not: told to try again, the caller must be able to. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect } from 'chai'
import { describeEmbedded } from '../support/embedded.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { type Service, startService } from '../support/server.ts'
import { askFor, createWorld, type World } from '../support/world.ts'

const fetching = `fetch(process.argv[1], { method: 'POST', body: new URLSearchParams(process.argv[2]) })
  .then((response) => response.text()).then((text) => process.stdout.write(text))`

describeEmbedded('storage that goes away between the claim and the event', () => {
  let provider: Provider
  let service: Service
  let world: World
  let database: DatabaseSync

  before(async () => {
    provider = await startProvider()
    service = await startService()
    world = await createWorld(service, provider, { issuer: { single_use: true } })
    database = new DatabaseSync(join(service.dataDir, 'countersign.db'), { timeout: 0 })
  })
  after(async () => {
    database?.close()
    await service?.close()
    await provider?.close()
  })

  const claims = () => Number(database.prepare('select count(*) as n from replay_claims').get()?.n)
  const locked = () => {
    try {
      database.exec('BEGIN IMMEDIATE')
      return true
    } catch {
      return false
    }
  }

  /** Takes the write lock at the moment when the claim is there; the exchange is another process's. */
  async function interrupted(token: string): Promise<Record<string, unknown>> {
    const before = claims()
    const form = new URLSearchParams(askFor('jwtBearer', token)).toString()
    const client = spawn(process.execPath, ['-e', fetching, `${service.url}/oauth/token`, form])
    let text = ''
    client.stdout.on('data', (chunk) => {
      text += chunk
    })
    const until = Date.now() + 3_000
    while (claims() === before && Date.now() < until);
    const held = locked()
    await once(client, 'close')
    if (held) database.exec('ROLLBACK')
    return JSON.parse(text)
  }

  // Told to try again (503, Retry-After), the caller must not be told token_replayed.
  it('leaves the token as good as it was', async () => {
    for (let tries = 0; tries < 20; tries++) {
      const token = world.token({ jti: crypto.randomUUID() })
      const first = await interrupted(token)
      if (first.access_token !== undefined) continue
      expect(first.reason).to.equal('storage_unavailable')
      expect((await world.exchange(token)).body.reason ?? 'granted').to.equal('granted')
      return
    }
    throw new Error('the lock always came too late')
  }).timeout(180_000)
})
