/** What a good request may look like: exact limits, white space, scopes, lifetimes, accounts and targets. */
import { expect } from 'chai'
import { grantTypes, tokenTypes } from '../../src/protocol/oauth.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { call, type Service, startService } from '../support/server.ts'
import { askFor, claimsIn, createWorld, must, type World } from '../support/world.ts'

const form = 'application/x-www-form-urlencoded'

describe('a request of the token endpoint', () => {
  let provider: Provider
  let service: Service
  let world: World

  before(async () => {
    provider = await startProvider()
    service = await startService({ env: { LIMIT_FAILED_PER_MINUTE: '0' } })
    world = await createWorld(service, provider)
    await world.external('reader', 'reader', { access: 'read' })
    await world.external('short', 'short', { token_ttl: 60 })
    await world.external('one', 'both')
    await world.external('two', 'both')
  })
  after(async () => {
    await service?.close()
    await provider?.close()
  })

  async function send(body: string, type = form) {
    const response = await fetch(`${service.url}/oauth/token`, {
      method: 'POST',
      headers: { 'content-type': type },
      body,
    })
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }
  const jwt = (token: string, extra = {}) => new URLSearchParams(askFor('jwtBearer', token, extra)).toString()
  /** A good token of exactly so many bytes. */
  const tokenOf = (length: number) => {
    for (let head = 0; head < 4; head++) {
      const sized = (pad: number) => world.token({ pad: 'x'.repeat(pad) }, { header: { pad: 'x'.repeat(head) } })
      const pad = Math.floor(((length - sized(0).length) * 3) / 4)
      for (let near = pad - 3; near <= pad + 3; near++) {
        const token = sized(near)
        if (token.length === length) return token
      }
    }
    throw new Error(`no token has ${length} bytes`)
  }
  const reasonOf = async (answer: Promise<{ status: number; body: Record<string, unknown> }>) => {
    const { status, body } = await answer
    return status === 200 ? null : body.reason
  }
  const scopeOf = async (scope: string, sub = 'job-1') => {
    const { body } = await world.exchange(world.token({ sub }), { scope })
    return body.scope ?? body.reason
  }

  describe('sizes', () => {
    for (const type of [form, 'application/json']) {
      it(`a body of 65,536 bytes is read, one of 65,537 is not: ${type}`, async () => {
        const bodyOf = (length: number) => {
          const ask = askFor('jwtBearer', world.token(), { pad: '' })
          const text = (pad: string) =>
            type === form ? new URLSearchParams({ ...ask, pad }).toString() : JSON.stringify({ ...ask, pad })
          return text('x'.repeat(length - text('').length))
        }
        expect((await send(bodyOf(65_536), type)).status).to.equal(200)
        const over = await send(bodyOf(65_537), type)
        expect([over.status, over.body.reason]).to.deep.equal([413, 'request_too_large'])
      })
    }

    it('a token of 16,384 bytes is judged, one of 16,385 is too large', async () => {
      expect(await reasonOf(send(jwt(tokenOf(16_384))))).to.equal(null)
      expect(await reasonOf(send(jwt(` ${tokenOf(16_384)}\n`)))).to.equal(null)
      expect(await reasonOf(send(jwt(tokenOf(16_385))))).to.equal('token_too_large')
    })
  })

  it('ASCII white space around a token is trimmed, and no other', async () => {
    for (const space of ['\n', '\r\n', ' \t\f']) {
      expect(await reasonOf(send(jwt(space + world.token() + space)))).to.equal(null)
      expect(await reasonOf(world.withKey(space + world.apiKey + space))).to.equal(null)
    }
    for (const space of ['\u00a0', '\u2028', '\ufeff', '\v'])
      expect(await reasonOf(send(jwt(world.token() + space)))).to.equal('token_malformed')
    expect(await reasonOf(send(jwt(world.token().replace('.', '.\n'))))).to.equal('token_malformed')
  })

  it('an empty parameter is an absent one, and an unknown one is ignored', async () => {
    const empty = {
      scope: '',
      resource: '',
      service_account: '',
      requested_token_ttl: '',
      client_id: 'x',
      options: '{}',
    }
    expect(await reasonOf(send(jwt(world.token(), empty)))).to.equal(null)
    expect(await reasonOf(send(jwt('')))).to.equal('parameter_missing')
    const json = { ...askFor('tokenExchange', world.token()), options: { a: [1] }, scope: null, audience: '' }
    expect(await reasonOf(send(JSON.stringify(json), 'application/json'))).to.equal(null)
  })

  it('a JSON object may begin with white space, and UTF-8 be called utf8', async () => {
    const body = JSON.stringify(askFor('jwtBearer', world.token()), null, 2)
    for (const type of ['application/json', 'application/json; charset=utf8', 'Application/JSON;charset="UTF-8"'])
      expect(await reasonOf(send(` \n\t${body}\n`, type)), type).to.equal(null)
    expect(await reasonOf(send(jwt(world.token()), `${form};charset=utf8`))).to.equal(null)
  })

  it('the grant type stands in the trail as it was sent, cut where it is long', async () => {
    for (const [sent, kept] of [
      ['password', 'password'],
      ['x'.repeat(1_000), `${'x'.repeat(128)}…`],
      [world.apiKey, '[redacted]'],
      [world.token(), '[redacted]'],
    ] as const) {
      const { headers } = await world.post({ grant_type: sent })
      const [event] = await world.installationAuditOf(headers.get('x-request-id'))
      expect(event?.detail.grant_type).to.equal(kept)
    }
  })

  it('a client_id, or a Basic header that is no key of ours, is ignored for a subject token', async () => {
    const headers = { authorization: `Basic ${btoa('client:secret')}` }
    const answer = call(service, 'POST', '/oauth/token', { headers, form: askFor('jwtBearer', world.token()) })
    expect(await reasonOf(answer)).to.equal(null)
  })

  it('scopes', async () => {
    const both = 'projects:read projects:write'
    expect(await scopeOf('')).to.equal(both)
    expect(await scopeOf(both)).to.equal(both)
    expect(await scopeOf('projects:write projects:read projects:read')).to.equal(both)
    expect(await scopeOf('projects:read')).to.equal('projects:read')
    expect(await scopeOf('https://www.googleapis.com/auth/cloud-platform')).to.equal(both)
    expect(await scopeOf('https://www.googleapis.com/auth/cloud-platform projects:read')).to.equal('projects:read')
    expect(await scopeOf('projects:read something')).to.equal('projects:read')
    expect(await scopeOf('https://www.googleapis.com/auth/cloud-platform', 'reader')).to.equal('projects:read')
    expect(await scopeOf('', 'reader')).to.equal('projects:read')
    expect(await scopeOf('projects:write', 'reader')).to.equal('scope_not_allowed')
    expect(await scopeOf(both, 'reader')).to.equal('scope_not_allowed')
    expect(await scopeOf('projects:raed')).to.equal('scope_not_allowed')
  })

  it('the answer, and the token in it', async () => {
    const { status, headers, body } = await world.exchange(world.token(), { scope: 'projects:read' })
    expect(status).to.equal(200)
    expect(headers.get('cache-control')).to.equal('no-store')
    const { access_token, ...rest } = body
    expect(rest).to.deep.equal({
      token_type: 'Bearer',
      issued_token_type: tokenTypes.accessToken,
      expires_in: 900,
      scope: 'projects:read',
    })
    const { exp, iat, jti, ...claims } = claimsIn(access_token)
    expect(Number(exp) - Number(iat)).to.equal(900)
    expect(claims).to.deep.equal({
      iss: service.publicUrl,
      sub: world.account.id,
      client_id: world.account.id,
      aud: service.publicUrl,
      scope: 'projects:read',
      org: 'acme',
      team: 'ml',
      principal: 'service_account',
      name: 'trainer',
      method: 'federated',
      idp: { iss: provider.issuer, sub: 'job-1' },
    })
    const [event] = await world.auditOf(headers.get('x-request-id'))
    expect(event?.detail).to.deep.include({ grant_type: grantTypes.jwtBearer, jti, issuer: provider.issuer })
    expect(event).to.deep.include({ type: 'token.exchange', result: 'granted', org: 'acme' })
    const text = JSON.stringify(event)
    expect(text).to.not.include(String(access_token).split('.')[2])
  })

  it('requested_token_ttl shortens, and never lengthens', async () => {
    const lifeOf = async (ttl: string, sub = 'job-1') => {
      const { body } = await world.exchange(world.token({ sub }), { requested_token_ttl: ttl })
      return body.expires_in ?? body.reason
    }
    expect(await lifeOf('300')).to.equal(300)
    expect(await lifeOf('1')).to.equal(1)
    expect(await lifeOf('86400')).to.equal(900)
    expect(await lifeOf('3600', 'short')).to.equal(60)
    for (const wrong of ['0', '-1', '1.5', '1e3', ' 60', 'soon', '99999999999'])
      expect(await lifeOf(wrong), wrong).to.equal('malformed_request')
    const json = JSON.stringify({ ...askFor('jwtBearer', world.token()), requested_token_ttl: 120 })
    expect((await send(json, 'application/json')).body.expires_in).to.equal(120)
  })

  it('service_account picks one of many, by id or team/name', async () => {
    const token = () => world.token({ sub: 'both' })
    const two = await must(world.api('GET', `${world.accounts}/two`))
    for (const which of ['ml/two', String(two.id)]) {
      const given = await world.granted(token(), { service_account: which })
      expect(claimsIn(given).sub).to.equal(two.id)
    }
    expect(await reasonOf(world.exchange(token()))).to.equal('account_ambiguous')
    for (const wrong of ['two', 'ML/two', 'ml/trainer', world.builtIn.id, 'ml/nobody'])
      expect(await reasonOf(world.exchange(token(), { service_account: wrong })), wrong).to.equal('no_account_matches')
  })

  it('service_account beside an API key names its own account, or nobody', async () => {
    const asked = (service_account: string) =>
      world.post(askFor('tokenExchange', world.apiKey, { subject_token_type: tokenTypes.apiKey, service_account }))
    for (const own of ['ml/robot', world.builtIn.id]) expect(await reasonOf(asked(own))).to.equal(null)
    expect(await reasonOf(asked('ml/trainer'))).to.equal('no_account_matches')
  })

  it('a subject token as client_assertion: its client_id is the account that it stands for, and nobody else', async () => {
    const asked = (client_id: string, token = world.token()) =>
      world.post(askFor('clientAssertion', token, { client_id }))
    for (const own of ['ml/trainer', world.account.id]) {
      const answer = await asked(own)
      expect(claimsIn(answer.body.access_token)).to.deep.include({ sub: world.account.id, method: 'federated' })
      const [event] = await world.auditOf(answer.headers.get('x-request-id'))
      expect(event).to.deep.include({ type: 'token.exchange', result: 'granted' })
      expect(event?.detail).to.deep.include({
        grant_type: grantTypes.clientCredentials,
        issuer: provider.issuer,
        subject: 'job-1',
        requested_service_account: own,
      })
    }
    for (const wrong of ['trainer', 'ml/robot', 'ml/nobody', 'anybody', world.builtIn.id]) {
      const answer = await asked(wrong)
      expect([answer.status, answer.body.error, answer.body.reason], wrong).to.deep.equal([
        400,
        'invalid_client',
        'no_account_matches',
      ])
      const [event] = await world.auditOf(answer.headers.get('x-request-id'))
      expect(event?.detail).to.deep.include({ requested_service_account: wrong, subject: 'job-1' })
    }
    const one = claimsIn((await asked('ml/one', world.token({ sub: 'both' }))).body.access_token)
    expect(one.name).to.equal('one')
    expect(await reasonOf(world.post(askFor('clientAssertion', world.token({ sub: 'both' }))))).to.equal(
      'account_ambiguous',
    )
  })

  it('a client_assertion is read from JSON too, and its client_id is a text or refused', async () => {
    const json = askFor('clientAssertion', world.token(), { client_id: 'ml/trainer' })
    expect(await reasonOf(send(JSON.stringify(json), 'application/json'))).to.equal(null)
    for (const [client_id, reason] of [
      [['ml/trainer'], 'parameter_repeated'],
      [{ id: 'ml/trainer' }, 'malformed_request'],
    ] as const)
      expect(await reasonOf(send(JSON.stringify({ ...json, client_id }), 'application/json'))).to.equal(reason)
  })

  it('a client_assertion and an API key are two proofs, wherever the key stands', async () => {
    const both = askFor('clientAssertion', world.token(), { client_secret: world.apiKey })
    expect(await reasonOf(world.post(both))).to.equal('malformed_request')
    const headers = { authorization: `Basic ${btoa(`api:${world.apiKey}`)}` }
    const answer = call(service, 'POST', '/oauth/token', { headers, form: askFor('clientAssertion', world.token()) })
    expect(await reasonOf(answer)).to.equal('malformed_request')
  })

  it('audience and resource name one target', async () => {
    const audience = 'https://api.acme.example/v1'
    await world.make('/resource-servers', { name: 'api', audience })
    const other = await createWorld(service, provider, { org: 'globex', subject: 'job-2' })
    await other.make('/resource-servers', { name: 'api', audience: 'https://api.globex.example' })
    const targetOf = async (extra: Record<string, string>) => {
      const { body } = await world.post(askFor('tokenExchange', world.token(), extra))
      return body.access_token ? claimsIn(body.access_token).aud : body.reason
    }
    const own = service.publicUrl
    expect(await targetOf({ audience: own })).to.equal(own)
    expect(await targetOf({ audience: world.audience, resource: own })).to.equal(own)
    expect(await targetOf({ resource: audience })).to.equal(audience)
    expect(await targetOf({ audience, resource: audience })).to.equal(audience)
    expect(await targetOf({ audience, resource: own })).to.equal('target_unknown')
    for (const unknown of [`${audience}/`, other.audience, 'https://api.globex.example', 'https://x.example', 'api'])
      expect(await targetOf({ audience: unknown }), unknown).to.equal('target_unknown')
    const answer = await world.exchange(world.token(), { resource: audience })
    expect(claimsIn(answer.body.access_token).aud).to.equal(audience)
  })
})
