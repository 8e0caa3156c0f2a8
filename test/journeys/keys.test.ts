/** API keys by name: a name is one key's, and after a rotation it is the new one's. */
import { expect } from 'chai'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { call, type Service, startService } from '../support/server.ts'
import { createWorld, must, type World } from '../support/world.ts'

type Key = { id: string; name: string; secret: string; expires_at: string | null; replaced_by: string | null }

describe('journey: API keys', () => {
  let provider: Provider
  let service: Service
  let world: World
  let made = 0

  before(async () => {
    provider = await startProvider()
    service = await startService({ env: { LIMIT_FAILED_PER_MINUTE: '0' } })
    world = await createWorld(service, provider)
  })
  after(async () => {
    await service?.close()
    await provider?.close()
  })

  const works = async (secret: string) => (await world.withKey(secret)).status === 200
  /** A Built-in account with one key, named first. */
  async function account() {
    const { name, api_key } = await world.make(world.accounts, { name: `keyed-${++made}`, method: 'api_key' })
    const at = `${world.accounts}/${name}/keys`
    const rotate = async (key: string, body = {}) => (await must(world.api('POST', `${at}/${key}/rotate`, body))) as Key
    return { at, secret: String(api_key), rotate }
  }

  it('a name is taken once, when a key is made and when it is renamed', async () => {
    const { at } = await account()
    await must(world.api('POST', at, { name: 'ci' }))
    for (const name of ['ci', 'first'])
      expect((await world.api('POST', at, { name })).body).to.include({ status: 409, reason: 'name_taken' })
    expect((await world.api('PATCH', `${at}/ci`, { name: 'first' })).body).to.include({ reason: 'name_taken' })
    expect((await world.api('POST', (await account()).at, { name: 'ci' })).status).to.equal(201)
  })

  it('rotating hands the name on: what is done by name is done to the key that counts', async () => {
    const { at, secret, rotate } = await account()
    const second = await rotate('first')
    expect([second.name, await works(secret), await works(second.secret)]).to.deep.equal(['first', false, true])
    const third = await rotate('first')
    expect([await works(second.secret), await works(third.secret)]).to.deep.equal([false, true])
    await must(world.api('DELETE', `${at}/first`))
    expect(await works(third.secret)).to.equal(false)
    const { items } = await must(world.api('GET', at))
    const kept = items as Key[]
    expect(kept.map(({ replaced_by }) => replaced_by)).to.deep.equal([second.id, third.id])
    expect(kept.map(({ name }) => name)).to.deep.equal(kept.map(({ id }) => `first-${id.replace('_', '-')}`))
  })

  it('a key that was rotated, or has expired, is not rotated again', async () => {
    const { at, rotate } = await account()
    const { items } = await must(world.api('GET', at))
    const [first] = items as Key[]
    await rotate('first', { overlap_seconds: 3600 })
    const again = await world.api('POST', `${at}/${first?.id}/rotate`, {})
    expect(again.body).to.include({ status: 409, reason: 'key_ended' })
  })

  it('a key without an end is followed by one without, and one that lives an hour by one that does', async () => {
    const { at, rotate } = await account()
    const second = await rotate('first', { overlap_seconds: 60 })
    expect(second.expires_at).to.equal(null)
    expect((await rotate('first')).expires_at).to.equal(null)
    const hour = 3_600_000
    await must(world.api('POST', at, { name: 'brief', expires_at: new Date(Date.now() + hour).toISOString() }))
    const { expires_at } = await rotate('brief')
    expect(Date.parse(String(expires_at)) - Date.now()).to.be.within(hour - 10_000, hour + 10_000)
  })

  it('of two who rotate at once, one wins, and the old key is dead as it said', async () => {
    for (let i = 0; i < 5; i++) {
      const { at, secret } = await account()
      const bodies = [{ overlap_seconds: 3600 }, { overlap_seconds: 0 }]
      const answers = await Promise.all(bodies.map((body) => world.api('POST', `${at}/first/rotate`, body)))
      const won = answers.filter(({ status }) => status === 201)
      // Whoever came second by name may have rotated the new key: then both won, one after the other.
      expect(answers.every(({ status, body }) => status === 201 || body.reason === 'key_ended')).to.equal(true)
      expect(won.length).to.be.greaterThan(0)
      if (answers[1]?.status === 201 && answers[0]?.status !== 201) expect(await works(secret)).to.equal(false)
    }
  })

  it('If-Match keeps a rotation from meeting another key than was read', async () => {
    const { at } = await account()
    const read = await world.api('GET', `${at}/first`)
    const headers = { 'if-match': String(read.headers.get('etag')) }
    const rotate = () =>
      call(service, 'POST', `${world.path}${at}/first/rotate`, { secret: world.adminKey, json: {}, headers })
    expect((await rotate()).status).to.equal(201)
    expect((await rotate()).body).to.include({ status: 412, reason: 'precondition_failed' })
  })

  it('the operator’s key may be any printable secret, by Bearer and by Basic, percent-encoded or not', async () => {
    const key = 'p%41ss:w+rd/with=every~thing!-0123456789'
    const other = await startService({ env: { OPERATOR_KEY: key } })
    try {
      const basic = (password: string) => `Basic ${Buffer.from(`api:${password}`).toString('base64')}`
      for (const authorization of [`Bearer ${key}`, basic(key), basic(encodeURIComponent(key))]) {
        const me = await call(other, 'GET', '/api/v1/me', { headers: { authorization } })
        expect(me.body).to.deep.equal({ type: 'operator' })
      }
      expect((await call(other, 'GET', '/api/v1/me', { headers: { authorization: basic('x') } })).status).to.equal(401)
    } finally {
      await other.close()
    }
  })
})
