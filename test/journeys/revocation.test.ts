/** What ends a token, and what brings none back. Each is seen at introspection and at userinfo. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect } from 'chai'
import { grantTypes } from '../../src/protocol/oauth.ts'
import { itEmbedded } from '../support/embedded.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { call, type Service, startService } from '../support/server.ts'
import { claimsIn, createWorld, must, type World } from '../support/world.ts'

describe('revocation', () => {
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

  const revoke = (token: string, secret?: string) =>
    call(service, 'POST', '/oauth/revoke', { form: { token }, ...(secret === undefined ? {} : { secret }) })
  const userinfo = (secret: string) => call(service, 'GET', '/oauth/userinfo', { secret })
  /** Whether the token lives, which both doors must agree on. */
  async function lives(token: string): Promise<boolean> {
    const { status, body } = await world.introspect(token)
    expect(status).to.equal(200)
    if (body.active === false) expect(body).to.deep.equal({ active: false })
    const info = await userinfo(token)
    expect(info.status).to.equal(body.active ? 200 : 401)
    if (!body.active) expect(info.headers.get('www-authenticate')).to.match(/^Bearer /)
    return body.active === true
  }
  const subject = () => `job-of-revocation-${++made}`
  /** An External account of its own, with a token. */
  async function federated() {
    const sub = subject()
    const account = await world.external(`external-${made}`, sub)
    const again = () => world.granted(world.token({ sub }))
    return { sub, account, at: `${world.accounts}/${account.name}`, token: await again(), again }
  }
  const tokenOfKey = async (key: string) => String((await must(world.withKey(key))).access_token)
  async function builtIn() {
    const account = await world.make(world.accounts, { name: `built-in-${++made}`, method: 'api_key' })
    const key = String(account.api_key)
    return { account, at: `${world.accounts}/${account.name}`, key, token: await tokenOfKey(key) }
  }
  const dies = async (token: string, deed: () => Promise<unknown>) => {
    expect(await lives(token), 'before').to.equal(true)
    await deed()
    expect(await lives(token), 'after').to.equal(false)
  }

  it('one token, by whoever holds it; others of the same account live', async () => {
    const { token, again } = await federated()
    const other = await again()
    await dies(token, () => must(revoke(token)))
    expect(await lives(other)).to.equal(true)
    expect((await revoke(token)).status).to.equal(200)
    const [event] = (await must(world.api('GET', '/audit-events?type=token.revoke'))).items as Record<string, unknown>[]
    expect(event).to.deep.include({ type: 'token.revoke', result: 'done' })
    expect(JSON.stringify(event)).to.include(String(claimsIn(token).jti))
  })

  it('one token, presented by an admin', async () => {
    const { token } = await federated()
    await dies(token, () => must(revoke(token, world.adminKey)))
  })

  it('an unknown token is revoked already', async () => {
    for (const unknown of ['x', world.token(), 'csk_00000000000000000000000000000000000000000000000000000', 'a.b.c'])
      expect((await revoke(unknown)).status).to.equal(200)
    const { status, body } = await call(service, 'POST', '/oauth/revoke', { form: {} })
    expect([status, body.error, body.reason]).to.deep.equal([400, 'invalid_request', 'parameter_missing'])
  })

  it('one API key, and what it obtained', async () => {
    const { at, key, token } = await builtIn()
    const second = String((await world.make(`${at}/keys`, {})).secret)
    const other = await tokenOfKey(second)
    expect((await world.introspect(key)).body.active).to.equal(true)
    await dies(token, () => must(revoke(key)))
    expect((await world.introspect(key)).body).to.deep.equal({ active: false })
    expect((await world.withKey(key)).body.reason).to.equal('api_key_invalid')
    expect(await lives(other)).to.equal(true)
  })

  it('a key that an admin deletes, and what it obtained', async () => {
    const { at, token } = await builtIn()
    const { items } = await must(world.api('GET', `${at}/keys`))
    const [first] = items as { id: string }[]
    await dies(token, () => must(world.api('DELETE', `${at}/keys/${first?.id}`)))
  })

  it('rotating a key without overlap ends it, and what it obtained', async () => {
    const { at, key, token } = await builtIn()
    const { items } = await must(world.api('GET', `${at}/keys`))
    const [first] = items as { id: string }[]
    let fresh = ''
    await dies(token, async () => {
      fresh = String((await must(world.api('POST', `${at}/keys/${first?.id}/rotate`, {}))).secret)
    })
    expect((await world.withKey(key)).status).to.equal(401)
    expect(await lives(await tokenOfKey(fresh))).to.equal(true)
  })

  it('rotating a key with an overlap lets both work, until the old one dies', async () => {
    const { at, key, token } = await builtIn()
    const { items } = await must(world.api('GET', `${at}/keys`))
    const [first] = items as { id: string }[]
    const rotated = await must(world.api('POST', `${at}/keys/${first?.id}/rotate`, { overlap_seconds: 2 }))
    expect(rotated.id).to.not.equal(first?.id)
    expect(await lives(token)).to.equal(true)
    expect((await world.withKey(key)).status).to.equal(200)
    expect((await world.withKey(String(rotated.secret))).status).to.equal(200)
    const old = await must(world.api('GET', `${at}/keys/${first?.id}`))
    const left = Date.parse(String(old.expires_at)) - Date.now()
    expect(left).to.be.within(0, 2000)
    // The end of an overlap is a time, and no event.
    await new Promise((resolve) => setTimeout(resolve, left + 20))
    expect((await world.withKey(key)).status).to.equal(401)
    expect((await world.withKey(String(rotated.secret))).status).to.equal(200)
  })

  it("all of an account's tokens; the next one lives", async () => {
    const { at, token, again } = await federated()
    await dies(token, () => must(world.api('POST', `${at}/revoke`, {})))
    expect(await lives(await again())).to.equal(true)
  })

  it('all that came from one issuer; what came by a key lives', async () => {
    const { token, again } = await federated()
    const other = await builtIn()
    await dies(token, () => must(world.api('POST', '/issuers/ci/revoke', {})))
    expect(await lives(other.token)).to.equal(true)
    expect(await lives(await again())).to.equal(true)
  })

  it("all of a user's tokens, and a deleted user's", async () => {
    const user = await world.make('/users', { username: 'ann', email: 'ann@acme.example' })
    const { secret } = await must(world.api('POST', '/users/ann/keys', {}))
    await dies(await tokenOfKey(String(secret)), () => must(world.api('POST', `/users/${user.id}/revoke`, {})))
    await dies(await tokenOfKey(String(secret)), () => must(world.api('DELETE', '/users/ann')))
    expect((await world.withKey(String(secret))).status).to.equal(401)
  })

  it('disabling an account ends its tokens, and enabling it again revives none', async () => {
    for (const { at, token } of [await federated(), await builtIn()]) {
      await dies(token, () => must(world.api('PATCH', at, { enabled: false })))
      await must(world.api('PATCH', at, { enabled: true }))
      expect(await lives(token)).to.equal(false)
    }
  })

  it('a disabled account gets nothing; enabled again, it does', async () => {
    const { at, sub, again } = await federated()
    await must(world.api('PATCH', at, { enabled: false }))
    expect((await world.exchange(world.token({ sub }))).body.reason).to.equal('no_account_matches')
    await must(world.api('PATCH', at, { enabled: true }))
    expect(await lives(await again())).to.equal(true)
  })

  it('deleting an account ends its tokens and its keys', async () => {
    const external = await federated()
    await dies(external.token, () => must(world.api('DELETE', external.at)))
    const { at, key, token } = await builtIn()
    await dies(token, () => must(world.api('DELETE', at)))
    expect((await world.withKey(key)).status).to.equal(401)
  })

  it('disabling an issuer ends what came from it, and enabling it again revives nothing', async () => {
    const { token, sub, again } = await federated()
    await dies(token, () => must(world.api('PATCH', '/issuers/ci', { enabled: false })))
    expect((await world.exchange(world.token({ sub }))).status).to.equal(400)
    await must(world.api('PATCH', '/issuers/ci', { enabled: true }))
    expect(await lives(token)).to.equal(false)
    expect(await lives(await again())).to.equal(true)
  })

  it('deleting a trust policy, or giving it another subject, ends what it gave out', async () => {
    const { at, token, sub } = await federated()
    const { items } = await must(world.api('GET', `${at}/trust-policies`))
    const [policy] = items as { id: string }[]
    await dies(token, () => must(world.api('DELETE', `${at}/trust-policies/${policy?.id}`)))
    expect((await world.exchange(world.token({ sub }))).body.reason).to.equal('no_account_matches')
    const other = await federated()
    const [kept] = (await must(world.api('GET', `${other.at}/trust-policies`))).items as { id: string }[]
    const path = `${other.at}/trust-policies/${kept?.id}`
    await dies(other.token, () => must(world.api('PATCH', path, { subject: 'somebody-else' })))
  })

  it('an emergency rotation of the signing key ends every token', async () => {
    const { token, again } = await federated()
    const { secret } = { secret: service.operatorKey }
    await dies(token, () =>
      must(call(service, 'POST', '/api/v1/signing-keys/rotate', { secret, json: { emergency: true } })),
    )
    expect(await lives(await again())).to.equal(true)
  })

  it('deleting a team ends what its accounts hold, or is refused while it has any', async () => {
    await world.make('/teams', { name: 'gone' })
    const account = { name: 'last', method: 'api_key' }
    const made = await world.make('/teams/gone/service-accounts', account)
    const token = await tokenOfKey(String(made.api_key))
    const { status, body } = await world.api('DELETE', '/teams/gone')
    if (status === 409) expect([body.reason, await lives(token)]).to.deep.equal(['in_use', true])
    else expect([status, await lives(token)]).to.deep.equal([204, false])
  })

  it('what is revoked stays so after a restart', async () => {
    const { token } = await federated()
    const { key, token: obtained } = await builtIn()
    await must(revoke(token))
    await must(revoke(key))
    const { dataDir, publicUrl } = service
    await service.kill()
    service = await startService({ dataDir, env: { PUBLIC_URL: publicUrl, LIMIT_FAILED_PER_MINUTE: '0' } })
    const introspect = async (value: string) =>
      (await call(service, 'POST', '/oauth/introspect', { form: { token: value }, secret: world.adminKey })).body
    expect(await introspect(token)).to.deep.equal({ active: false })
    expect(await introspect(obtained)).to.deep.equal({ active: false })
    const form = { grant_type: grantTypes.clientCredentials, client_secret: key }
    expect((await call(service, 'POST', '/oauth/token', { form })).status).to.equal(401)
  })

  itEmbedded(
    'a clock that ran fast, and was set back before a restart, gives no token that cannot be revoked',
    async () => {
      const { dataDir, publicUrl } = service
      await service.stop()
      // What the process that ran fast has left: how far minting had come.
      const fast = Date.now() + 600_000
      const db = new DatabaseSync(join(dataDir, 'countersign.db'))
      const kept = db.prepare(`insert into installation_values (name, value) values ('latest_moment', ?)
      on conflict (name) do update set value = excluded.value`)
      kept.run(String(fast))
      db.close()
      service = await startService({ dataDir, env: { PUBLIC_URL: publicUrl, LIMIT_FAILED_PER_MINUTE: '0' } })
      const revoked = await must(
        call(service, 'POST', `${world.path}/issuers/ci/revoke`, { secret: world.adminKey, json: {} }),
      )
      expect(Date.parse(String(revoked.revoked_before))).to.be.greaterThan(fast)
    },
  )
})
