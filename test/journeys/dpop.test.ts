/** Access tokens that are bound to a key (RFC 9449): asked for, shown, and worth nothing to whoever has copied them. */
import { expect } from 'chai'
import { grantTypes, subjectAlgorithms } from '../../src/protocol/oauth.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { ask } from '../support/plain-http.ts'
import { createProver, type ProofAsk, type Prover } from '../support/prover.ts'
import { type Answer, call, type Service, startService } from '../support/server.ts'
import { askFor, claimsIn, createWorld, must, type World } from '../support/world.ts'

describe('journey: tokens bound to a key (DPoP)', () => {
  let provider: Provider
  let service: Service
  let world: World
  let prover: Prover
  let url: string
  let server: string

  before(async () => {
    provider = await startProvider()
    service = await startService({ env: { LIMIT_FAILED_PER_MINUTE: '0' } })
    world = await createWorld(service, provider)
    prover = await createProver()
    url = `${service.publicUrl}/oauth/token`
    server = String((await world.make('/resource-servers', { name: 'api', audience: 'https://api.example' })).api_key)
  })
  after(async () => {
    await service?.close()
    await provider?.close()
  })

  const exchange = (proof: string | undefined, extra: Record<string, string> = {}, token = world.token()) =>
    call(service, 'POST', '/oauth/token', {
      form: askFor('jwtBearer', token, extra),
      ...(proof === undefined ? {} : { headers: { dpop: proof } }),
    })
  const nonceFor = async (by = prover) => String((await exchange(await by.proof({ url }))).headers.get('dpop-nonce'))
  /** The access token, bound. */
  const bound = async (by = prover, extra: Record<string, string> = {}) => {
    const body = await must(exchange(await by.proof({ url, nonce: await nonceFor(by) }), extra))
    return String(body.access_token)
  }
  const show = async (
    token: string,
    { scheme = 'DPoP', path = '/api/v1/me', by = prover, ...ask }: Partial<ProofAsk> & Record<string, unknown> = {},
  ): Promise<Answer> => {
    const at = { url: service.publicUrl + path, method: 'GET', token, nonce: await nonceFor(), ...(ask as object) }
    const proof = await (by as Prover).proof(at)
    return call(service, 'GET', String(path), { headers: { authorization: `${scheme} ${token}`, dpop: proof } })
  }
  const refusalOf = ({ status, body }: Answer) => ({ status, error: body.error, reason: body.reason })

  it('the metadata says with which algorithms', async () => {
    const { body } = await call(service, 'GET', '/.well-known/oauth-authorization-server')
    expect(body.dpop_signing_alg_values_supported).to.deep.equal(subjectAlgorithms)
  })

  it('without a proof the token is a bearer’s, as ever', async () => {
    const body = await must(exchange(undefined))
    expect(body.token_type).to.equal('Bearer')
    expect(claimsIn(body.access_token)).to.not.have.property('cnf')
  })

  it('a proof without a nonce of ours is answered with one, and is no failed attempt', async () => {
    const answer = await exchange(await prover.proof({ url }))
    expect(refusalOf(answer)).to.deep.equal({ status: 400, error: 'use_dpop_nonce', reason: 'dpop_nonce_required' })
    expect(answer.headers.get('dpop-nonce')).to.match(/^[\w-]{32}$/)
  })

  for (const alg of ['ES256', 'ES384', 'ES512', 'RS256', 'PS256', 'EdDSA', 'Ed25519'])
    it(`with a proof by ${alg} the token is bound to its key, and the trail says so`, async () => {
      const by = await createProver(alg)
      const answer = await exchange(await by.proof({ url, nonce: await nonceFor(by) }))
      const body = await must(Promise.resolve(answer))
      expect(body.token_type).to.equal('DPoP')
      expect(claimsIn(body.access_token).cnf).to.deep.equal({ jkt: by.jkt })
      expect(answer.headers.get('dpop-nonce')).to.match(/^[\w-]{32}$/)
      const [event] = await world.auditOf(answer.headers.get('x-request-id'))
      expect(event?.detail.dpop_jkt).to.equal(by.jkt)
    })

  for (const at of ['/oidc/token', '/v1/token'])
    it(`at ${at} too, by its own URL`, async () => {
      const ask = async (htu: string) =>
        call(service, 'POST', at, {
          form: askFor('tokenExchange', world.token()),
          headers: { dpop: await prover.proof({ url: htu, nonce: await nonceFor() }) },
        })
      expect((await must(ask(service.publicUrl + at))).token_type).to.equal('DPoP')
      expect((await ask(url)).body.reason).to.equal('dpop_proof_invalid')
    })

  it('an API key gets a bound token as well', async () => {
    const proof = await prover.proof({ url, nonce: await nonceFor() })
    const form = { grant_type: grantTypes.clientCredentials, client_secret: world.apiKey }
    const body = await must(call(service, 'POST', '/oauth/token', { form, headers: { dpop: proof } }))
    expect(claimsIn(body.access_token).cnf).to.deep.equal({ jkt: prover.jkt })
  })

  it('so does a subject token that comes as a client assertion', async () => {
    const proof = await prover.proof({ url, nonce: await nonceFor() })
    const form = askFor('clientAssertion', world.token(), { client_id: 'ml/trainer' })
    const body = await must(call(service, 'POST', '/oauth/token', { form, headers: { dpop: proof } }))
    expect([body.token_type, claimsIn(body.access_token).cnf]).to.deep.equal(['DPoP', { jkt: prover.jkt }])
  })

  it('a proof serves once, and one that is shown again does not burn a subject token', async () => {
    const single = await provider.token({ aud: 'https://once.example', sub: 'job-1', jti: 'once-1' })
    await world.make('/issuers', {
      name: 'once',
      issuer: provider.issuer,
      audiences: ['https://once.example'],
      single_use: true,
    })
    await world.make(`${world.accounts}/trainer/trust-policies`, { issuer: 'once', subject: 'job-1' })
    const proof = await prover.proof({ url, nonce: await nonceFor() })
    await must(exchange(proof))
    expect((await exchange(proof, {}, single)).body.reason).to.equal('dpop_proof_invalid')
    expect((await exchange(undefined, {}, single)).status).to.equal(200)
  })

  it('of a hundred that show one proof at a time, one gets a token', async () => {
    const proof = await prover.proof({ url, nonce: await nonceFor() })
    const answers = await Promise.all(Array.from({ length: 100 }, () => exchange(proof)))
    expect(answers.filter(({ status }) => status === 200)).to.have.length(1)
    expect(new Set(answers.map(({ body }) => body.reason))).to.deep.equal(new Set([undefined, 'dpop_proof_invalid']))
  })

  type Bad = Omit<ProofAsk, 'url'> & { url?: string }
  const bad: [what: string, proof: () => Bad | Promise<Bad>][] = [
    ['for another method', () => ({ method: 'GET' })],
    ['for another URL', () => ({ url: `${service.publicUrl}/oauth/introspect` })],
    ['for the name in a Host header', () => ({ url: 'https://evil.example/oauth/token' })],
    ['without htm', () => ({ claims: { htm: undefined } })],
    ['without htu', () => ({ claims: { htu: undefined } })],
    ['whose htu is a list', () => ({ claims: { htu: [url] } })],
    ['without jti', () => ({ claims: { jti: undefined } })],
    ['whose jti is empty', () => ({ claims: { jti: '' } })],
    ['whose jti is longer than 1,024 characters', () => ({ claims: { jti: 'x'.repeat(1_025) } })],
    ['without iat', () => ({ claims: { iat: undefined } })],
    ['whose iat is a text', () => ({ claims: { iat: '1' } })],
    ['whose nonce is a number', () => ({ claims: { nonce: 1 } })],
    ['of another type', () => ({ header: { typ: 'JWT' } })],
    ['without a type', () => ({ header: { typ: undefined } })],
    ['without its key', () => ({ header: { jwk: undefined } })],
    ['that gives away its private key', () => ({ header: { jwk: prover.privateJwk } })],
    ['that bears another’s key', async () => ({ header: { jwk: (await createProver()).jwk } })],
    ['that bears a symmetric key', () => ({ header: { jwk: { kty: 'oct', k: 'AAAA' } } })],
    ['whose key is for encryption', () => ({ header: { jwk: { ...prover.jwk, use: 'enc' } } })],
  ]
  for (const [what, ask] of bad)
    it(`refuses a proof ${what}`, async () => {
      const proof = await prover.proof({ url, nonce: await nonceFor(), ...(await ask()) })
      const refused = { status: 400, error: 'invalid_dpop_proof', reason: 'dpop_proof_invalid' }
      expect(refusalOf(await exchange(proof))).to.deep.equal(refused)
    })

  const spoilt: [what: string, spoil: (proof: string) => string][] = [
    ['whose signature was changed', (proof) => proof.slice(0, -6) + (proof.endsWith('AAAAAA') ? 'BBBBBA' : 'AAAAAA')],
    ['without a signature', (proof) => `${proof.split('.').slice(0, 2).join('.')}.`],
    ['by alg none', (proof) => `${encoded({ typ: 'dpop+jwt', alg: 'none', jwk: prover.jwk })}.${proof.split('.')[1]}.`],
    ['with padding', (proof) => `${proof}=`],
    ['that is two', (proof) => `${proof}, ${proof}`],
    ['that is no JWT', () => 'proof'],
    ['of more than 16,384 bytes', (proof) => proof + 'A'.repeat(16_384)],
  ]
  const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  for (const [what, spoil] of spoilt)
    it(`refuses a proof ${what}`, async () => {
      const proof = spoil(await prover.proof({ url, nonce: await nonceFor() }))
      // 431: of the parser, before anybody reads it.
      const { status, body } = await exchange(proof)
      expect(body.reason ?? status).to.be.oneOf(['dpop_proof_invalid', 'headers_too_large', 431])
    })

  it('refuses two DPoP headers, both good', async () => {
    const nonce = await nonceFor()
    const headers: [string, string][] = [['Content-Type', 'application/x-www-form-urlencoded']]
    for (let i = 0; i < 2; i++) headers.push(['DPoP', await prover.proof({ url, nonce })])
    const body = `${new URLSearchParams(askFor('jwtBearer', world.token()))}`
    const { text } = await ask(service.url, '/oauth/token', { method: 'POST', headers, body })
    expect(JSON.parse(text).reason).to.equal('dpop_proof_invalid')
  })

  for (const [what, nonce] of [
    ['one that nobody made', () => 'A'.repeat(32)],
    ['one whose time was changed', (fresh: string) => `AAAB${fresh.slice(4)}`],
    ['one that is changed at its end', (fresh: string) => fresh.slice(0, -1) + (fresh.endsWith('A') ? 'E' : 'A')],
    ['one that is cut', (fresh: string) => fresh.slice(0, -2)],
  ] as const)
    it(`takes no nonce but its own: ${what}`, async () => {
      const proof = await prover.proof({ url, nonce: nonce(await nonceFor()) })
      expect((await exchange(proof)).body.reason).to.equal('dpop_nonce_required')
    })

  it('the case of scheme and host, a default port and a query make no difference to the URL', async () => {
    for (const htu of [url.replace('http:', 'HTTP:'), `${url}?x=1`, `${url}#x`]) {
      const proof = await prover.proof({ url: htu, nonce: await nonceFor() })
      expect((await exchange(proof)).status, htu).to.equal(200)
    }
  })

  describe('a bound token', () => {
    it('is taken with a proof of its key', async () => {
      const token = await bound()
      const answer = await show(token)
      expect(answer.body).to.deep.include({ id: world.account.id })
      expect(answer.headers.get('dpop-nonce')).to.match(/^[\w-]{32}$/)
    })

    it('is nobody’s as a bearer token: at the API, at userinfo, by Basic, at introspection, at forward auth', async () => {
      const token = await bound()
      const basic = Buffer.from(`api:${token}`).toString('base64')
      const asBearer = await call(service, 'GET', '/api/v1/me', { secret: token })
      expect(refusalOf(asBearer)).to.include({ status: 401, reason: 'possession_unproven' })
      expect(asBearer.headers.get('www-authenticate')).to.match(
        /^DPoP realm="countersign", error="invalid_dpop_proof", algs="/,
      )
      for (const path of ['/api/v1/me', '/oauth/userinfo', '/access/v1/verify'])
        for (const authorization of [`Bearer ${token}`, `Basic ${basic}`])
          expect((await call(service, 'GET', path, { headers: { authorization } })).status, path).to.equal(401)
      const inBody = { token, client_secret: token }
      expect((await call(service, 'POST', '/oauth/introspect', { form: inBody })).status).to.equal(401)
      expect((await show(token, { path: '/access/v1/verify' })).status).to.equal(401)
    })

    it('with a proof beside it is no bearer token either', async () => {
      const token = await bound()
      expect((await show(token, { scheme: 'Bearer' })).status).to.equal(401)
    })

    const wrong: [
      what: string,
      how: () => Record<string, unknown> | Promise<Record<string, unknown>>,
      reason: string,
    ][] = [
      ['of another key', async () => ({ by: await createProver() }), 'possession_unproven'],
      ['for another method', () => ({ method: 'POST' }), 'possession_unproven'],
      ['for another path', () => ({ url: `${service.publicUrl}/api/v1/orgs` }), 'possession_unproven'],
      ['for another token', () => ({ token: 'another' }), 'possession_unproven'],
      ['for no token', () => ({ token: undefined }), 'possession_unproven'],
      ['without a nonce', () => ({ nonce: undefined }), 'possession_nonce_required'],
    ]
    for (const [what, how, reason] of wrong)
      it(`is refused with a proof ${what}`, async () => {
        const token = await bound()
        const answer = await show(token, await how())
        expect({ status: answer.status, reason: answer.body.reason }).to.deep.equal({ status: 401, reason })
        expect(answer.headers.get('www-authenticate')).to.match(/^DPoP /)
      })

    it('is refused with a proof that was used', async () => {
      const token = await bound()
      const at = `${service.publicUrl}/api/v1/me`
      const proof = await prover.proof({ url: at, method: 'GET', token, nonce: await nonceFor() })
      const ask = () => call(service, 'GET', '/api/v1/me', { headers: { authorization: `DPoP ${token}`, dpop: proof } })
      expect([(await ask()).status, (await ask()).status]).to.deep.equal([200, 401])
    })

    it('goes by the path as it was sent', async () => {
      const token = await bound()
      const at = async (path: string, htu: string) => {
        const proof = await prover.proof({
          url: service.publicUrl + htu,
          method: 'GET',
          token,
          nonce: await nonceFor(),
        })
        return (
          await ask(service.url, path, {
            headers: [
              ['Authorization', `DPoP ${token}`],
              ['DPoP', proof],
            ],
          })
        ).status
      }
      expect(await at('/API/V1/me', '/me')).to.equal(401)
      expect(await at('/API/V1/me', '/API/V1/me')).to.equal(200)
      expect(await at('/api/v1/me?x=1', '/api/v1/me')).to.equal(200)
      expect(await at('/api/v1/../v1/me', '/api/v1/me')).to.be.oneOf([401, 404])
    })

    it('an unbound one is not taken as bound, nor is an API key: at forward auth neither', async () => {
      const unbound = await world.granted(world.token())
      for (const credential of [unbound, world.apiKey])
        for (const path of ['/access/v1/verify', '/access/v1/verify/x']) {
          const headers = { authorization: `DPoP ${credential}`, 'x-countersign-demand-organization': 'acme' }
          expect((await call(service, 'GET', path, { headers })).status).to.equal(401)
        }
    })

    it('an unbound one is not taken as bound, nor is an API key', async () => {
      expect((await show(await world.granted(world.token()))).status).to.equal(401)
      for (const key of [world.adminKey, service.operatorKey]) expect((await show(key)).status).to.equal(401)
    })

    it('introspection says whose key it needs', async () => {
      const { body } = await world.introspect(await bound())
      expect(body).to.deep.include({ active: true, token_type: 'DPoP', cnf: { jkt: prover.jkt } })
    })

    it('an evaluation is no, unless the API says whose possession was proven to it', async () => {
      const token = await bound()
      const ask = (id: string, context: object) =>
        call(service, 'POST', '/access/v1/evaluation', {
          secret: server,
          json: {
            subject: { type: 'token', id },
            action: { name: 'read' },
            resource: { type: 'project', id: 'vision' },
            context,
          },
        })
      const no = { decision: false, context: { reason: 'possession_unproven' } }
      expect((await ask(token, {})).body).to.deep.equal(no)
      expect((await ask(token, { dpop_jkt: 'another' })).body).to.deep.equal(no)
      expect((await ask(token, { dpop_jkt: prover.jkt })).body.decision).to.equal(true)
      expect((await ask(await world.granted(world.token()), { dpop_jkt: prover.jkt })).body).to.deep.equal(no)
    })
  })

  describe('an account that gets bound tokens alone (dpop_bound_access_tokens)', () => {
    let strict: string
    let earlier: string
    const at = '/teams/ml/service-accounts/strict'
    before(async () => {
      const made = await world.make('/teams/ml/service-accounts', { name: 'strict', method: 'api_key' })
      strict = String(made.api_key)
      expect(made.dpop_bound_access_tokens).to.equal(false)
      earlier = String((await must(world.withKey(strict))).access_token)
      const changed = await must(world.api('PATCH', at, { dpop_bound_access_tokens: true }))
      expect(changed.dpop_bound_access_tokens).to.equal(true)
    })

    it('gets none without a proof', async () => {
      expect(refusalOf(await world.withKey(strict))).to.deep.equal({
        status: 400,
        error: 'invalid_request',
        reason: 'dpop_proof_missing',
      })
    })

    it('gets one with a proof', async () => {
      const proof = await prover.proof({ url, nonce: await nonceFor() })
      const form = { grant_type: grantTypes.clientCredentials, client_secret: strict }
      const body = await must(call(service, 'POST', '/oauth/token', { form, headers: { dpop: proof } }))
      expect((await show(String(body.access_token))).status).to.equal(200)
      expect((await world.introspect(String(body.access_token))).body.active).to.equal(true)
    })

    it('its API key is good for nothing else, and the bearer tokens that it got before are worth nothing', async () => {
      for (const secret of [strict, earlier]) {
        expect((await call(service, 'GET', '/api/v1/me', { secret })).status).to.equal(401)
        expect((await call(service, 'GET', '/access/v1/verify', { secret })).status).to.equal(401)
        expect((await world.introspect(secret)).body).to.deep.equal({ active: false })
      }
    })

    it('as an External one, too', async () => {
      await world.external('bound', 'job-bound', { dpop_bound_access_tokens: true })
      const token = () => world.token({ sub: 'job-bound' })
      expect((await exchange(undefined, {}, token())).body.reason).to.equal('dpop_proof_missing')
      const proof = await prover.proof({ url, nonce: await nonceFor() })
      expect((await exchange(proof, {}, token())).body.token_type).to.equal('DPoP')
    })
  })

  for (const path of ['/cs', '/cs/api/v1'])
    it(`with ${path} in PUBLIC_URL, whether a proxy takes it away or not`, async () => {
      const publicUrl = `https://id.example${path}`
      const other = await startService({ env: { PUBLIC_URL: publicUrl } })
      try {
        const there = await createWorld(other, provider)
        const ask = async (at: string, nonce?: string) => {
          const proof = await prover.proof({ url: `${publicUrl}/oauth/token`, ...(nonce ? { nonce } : {}) })
          return call(other, 'POST', at, { form: askFor('jwtBearer', there.token()), headers: { dpop: proof } })
        }
        const nonce = String((await ask('/oauth/token')).headers.get('dpop-nonce'))
        for (const at of ['/oauth/token', `${path}/oauth/token`]) {
          const token = String((await must(ask(at, nonce))).access_token)
          for (const me of ['/api/v1/me', `${path}/api/v1/me`]) {
            const url = `${publicUrl}/api/v1/me`
            const dpop = await prover.proof({ url, method: 'GET', token, nonce })
            const { status } = await call(other, 'GET', me, { headers: { authorization: `DPoP ${token}`, dpop } })
            expect(status, me).to.equal(200)
          }
        }
      } finally {
        await other.close()
      }
    })
})
