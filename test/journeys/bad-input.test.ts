/** What strangers send: each is refused with 4xx, and the very next good token is served. */
import { createHmac, createPublicKey } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { grantTypes, tokenTypes } from '../../src/protocol/oauth.ts'
import { generateKey, type Provider, startProvider } from '../support/identity-provider.ts'
import { type Service, startService } from '../support/server.ts'
import { askFor, createWorld, type World } from '../support/world.ts'

const form = 'application/x-www-form-urlencoded'
const json = 'application/json'
type Sent = { type?: string | null; body: string | Uint8Array; headers?: Record<string, string> }

describe('bad input', () => {
  let provider: Provider
  let other: Provider
  let service: Service
  let world: World
  let foreign: World

  before(async () => {
    provider = await startProvider()
    other = await startProvider()
    service = await startService({ env: { LIMIT_FAILED_PER_MINUTE: '0' } })
    world = await createWorld(service, provider)
    foreign = await createWorld(service, provider, { org: 'globex', subject: 'job-2' })
  })
  after(async () => {
    await service?.close()
    await Promise.all([provider?.close(), other?.close()])
  })

  async function send({ type = form, body, headers = {} }: Sent) {
    const response = await fetch(`${service.url}/oauth/token`, {
      method: 'POST',
      headers: { ...(type === null ? {} : { 'content-type': type }), ...headers },
      body: body as NonNullable<RequestInit['body']>,
    })
    return {
      status: response.status,
      cache: response.headers.get('cache-control'),
      body: (await response.json()) as Record<string, string>,
    }
  }
  const asForm = (fields: Record<string, string>) => new URLSearchParams(fields).toString()
  const jwt = (token: string, extra = {}) => ({ body: asForm(askFor('jwtBearer', token, extra)) })
  const asJson = (body: unknown): Sent => ({ type: json, body: JSON.stringify(body) })
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  /** A token whose "signature" is an HMAC with what anybody can read. */
  const hmac = (secret: string) => {
    const [, claims] = world.token().split('.')
    const input = `${part({ alg: 'HS256', typ: 'JWT', kid: provider.key().kid })}.${claims}`
    return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
  }
  const pem = () => createPublicKey(provider.key().privateKey).export({ format: 'pem', type: 'spki' }).toString()
  const bytes = (head: string, ...tail: number[]) => Buffer.concat([Buffer.from(head), Buffer.from(tail)])

  const cases: Record<string, [reason: string, () => Sent]> = {
    '1 MB of dots': ['request_too_large', () => jwt('.'.repeat(1_000_000))],
    '60 KB of dots': ['token_too_large', () => jwt('.'.repeat(60_000))],
    '16 KB of dots': ['token_malformed', () => jwt('.'.repeat(16_000))],
    'a token with 60 KB of white space inside': ['token_too_large', () => jwt(`a${' '.repeat(60_000)}b`)],
    'a JSON list as body': ['malformed_request', () => asJson([askFor('jwtBearer', world.token())])],
    'a JSON text as body': ['malformed_request', () => asJson('hello')],
    'JSON null': ['malformed_request', () => asJson(null)],
    'half of a JSON object': ['malformed_request', () => ({ type: json, body: '{"grant_type":' })],
    'JSON nested 50,000 deep': ['malformed_request', () => ({ type: json, body: `{"a":${'['.repeat(50_000)}` })],
    'a token of five parts': ['token_malformed', () => jwt(`${world.token()}.x.y`)],
    'a token of two parts': ['token_malformed', () => jwt(world.token().split('.').slice(0, 2).join('.'))],
    'a token without its signature': ['token_malformed', () => jwt(world.token().replace(/[^.]+$/, ''))],
    'alg none': [
      'algorithm_not_allowed',
      () => jwt(`${part({ alg: 'none' })}.${part({ iss: provider.issuer, sub: 'job-1' })}.`),
    ],
    'alg nOnE with a signature': ['algorithm_not_allowed', () => jwt(world.token({}, { header: { alg: 'nOnE' } }))],
    'HS256 with the public key in PEM': ['algorithm_not_allowed', () => jwt(hmac(pem()))],
    'HS256 with the public JWK': ['algorithm_not_allowed', () => jwt(hmac(JSON.stringify(provider.key().jwk)))],
    "another issuer's key under the same kid": [
      'signature_invalid',
      () => jwt(world.token({}, { key: other.key().privateKey })),
    ],
    'a key that the token brings itself': [
      'key_not_found',
      () => {
        const own = generateKey('RS256')
        return jwt(world.token({}, { key: own.privateKey, kid: own.kid, header: { jwk: own.jwk } }))
      },
    ],
    'a key of another type under the same kid': [
      'key_not_found',
      () => jwt(world.token({}, { key: generateKey('ES256').privateKey, alg: 'ES256' })),
    ],
    "another organization's subject with our audience": [
      'no_account_matches',
      () => jwt(world.token({ sub: 'job-2' })),
    ],
    "our subject with another organization's audience": [
      'no_account_matches',
      () => jwt(foreign.token({ sub: 'job-1' })),
    ],
    'both organizations in one token': [
      'audience_not_accepted',
      () => jwt(world.token({ aud: [world.audience, foreign.audience] })),
    ],
    'a further audience': [
      'audience_not_accepted',
      () => jwt(world.token({ aud: [world.audience, 'https://x.example'] })),
    ],
    'a repeated parameter in the form': [
      'parameter_repeated',
      () => ({ body: `${jwt(world.token()).body}&assertion=x` }),
    ],
    'a repeated unknown parameter': ['parameter_repeated', () => ({ body: `${jwt(world.token()).body}&a=1&a=2` })],
    'a repeated empty parameter': ['parameter_repeated', () => ({ body: `${jwt(world.token()).body}&scope=&scope=` })],
    'a list in JSON': ['parameter_repeated', () => asJson({ ...askFor('jwtBearer', 'x'), scope: ['a', 'b'] })],
    'an object in JSON': ['malformed_request', () => asJson({ ...askFor('jwtBearer', 'x'), assertion: { a: 1 } })],
    'a repeated member in JSON': [
      'parameter_repeated',
      () => ({
        type: json,
        body: `{"grant_type":"${grantTypes.jwtBearer}","assertion":"x","assertion":"${world.token()}"}`,
      }),
    ],
    'a repeated member in JSON, escaped': [
      'parameter_repeated',
      () => ({
        type: json,
        body: `{"grant_type":"${grantTypes.jwtBearer}","scope":"","sc\\u006fpe":"x","assertion":"x"}`,
      }),
    ],
    'NUL in the token': ['token_malformed', () => jwt(`${world.token()}\0`)],
    'NUL in the account': ['no_account_matches', () => jwt(world.token(), { service_account: 'ml/trainer\0' })],
    'NUL in the target': ['target_unknown', () => jwt(world.token(), { resource: `${service.publicUrl}\0` })],
    'NUL in the scope': ['scope_not_allowed', () => jwt(world.token(), { scope: 'projects:read\0' })],
    'a misspelt scope': ['scope_not_allowed', () => jwt(world.token(), { scope: 'projects:raed' })],
    'NUL in the grant type': [
      'unsupported_grant_type',
      () => ({ body: asForm({ grant_type: `${grantTypes.jwtBearer}\0` }) }),
    ],
    'NUL in the claims': ['token_malformed', () => jwt(world.token({ sub: 'job-1\0' }))],
    'NUL in iss': ['issuer_not_trusted', () => jwt(world.token({ iss: `${provider.issuer}\0` }))],
    'invalid UTF-8 in the form': [
      'malformed_request',
      () => ({ body: bytes(`grant_type=${encodeURIComponent(grantTypes.jwtBearer)}&assertion=`, 0xff, 0xfe) }),
    ],
    'invalid UTF-8, percent-encoded': ['token_malformed', () => ({ body: `${jwt(world.token()).body}%ff%c0%80` })],
    'invalid UTF-8 in JSON': [
      'malformed_request',
      () => ({ type: json, body: bytes('{"grant_type":"', 0xff, 0x22, 0x7d) }),
    ],
    'a lone surrogate in JSON': ['malformed_request', () => ({ type: json, body: '{"grant_type":"\\ud800"}' })],
    'a gzip body': [
      'unsupported_media_type',
      () => ({ body: gzipSync(jwt(world.token()).body), headers: { 'content-encoding': 'gzip' } }),
    ],
    'an unknown content encoding': [
      'unsupported_media_type',
      () => ({ ...jwt(world.token()), headers: { 'content-encoding': 'x-mine' } }),
    ],
    'a wrong content type': ['unsupported_media_type', () => ({ ...jwt(world.token()), type: 'text/xml' })],
    'no content type': ['unsupported_media_type', () => ({ type: null, body: Buffer.from(jwt(world.token()).body) })],
    'another charset': ['unsupported_media_type', () => ({ ...jwt(world.token()), type: `${form}; charset=utf-16` })],
    'UTF-7': ['unsupported_media_type', () => ({ ...jwt(world.token()), type: `${json}; charset=utf-7` })],
    'a multipart form': ['unsupported_media_type', () => ({ type: 'multipart/form-data; boundary=x', body: '--x--' })],
    'no body': ['parameter_missing', () => ({ body: '' })],
    '20,000 parameters of one name': ['parameter_repeated', () => ({ body: 'a=&'.repeat(20_000) })],
    '10,000 parameters': [
      'parameter_missing',
      () => ({ body: Array.from({ length: 10_000 }, (_, i) => `${i.toString(36)}=`).join('&') }),
    ],
    '5,000 members in JSON': [
      'malformed_request',
      () => ({ type: json, body: `{${Array.from({ length: 5_000 }, (_, i) => `"${i}":""`).join()}}` }),
    ],
    '__proto__ in JSON': ['parameter_missing', () => ({ type: json, body: '{"__proto__":{"grant_type":"x"}}' })],
    'a token type of somebody else': [
      'malformed_request',
      () => ({ body: asForm({ ...askFor('tokenExchange', world.token()), subject_token_type: 'urn:x:saml2' }) }),
    ],
    'an actor token': [
      'malformed_request',
      () => ({ body: asForm({ ...askFor('tokenExchange', world.token()), actor_token: world.token() }) }),
    ],
    'a refresh token asked for': [
      'malformed_request',
      () => ({
        body: asForm({
          ...askFor('tokenExchange', world.token()),
          requested_token_type: 'urn:ietf:params:oauth:token-type:refresh_token',
        }),
      }),
    ],
    'a JWT as an API key': [
      'api_key_invalid',
      () => ({ body: asForm({ ...askFor('tokenExchange', world.token()), subject_token_type: tokenTypes.apiKey }) }),
    ],
  }

  for (const [name, [reason, sent]] of Object.entries(cases)) {
    it(`${name}: ${reason}`, async () => {
      const { status, cache, body } = await send(sent())
      expect(status).to.be.within(400, 499)
      expect(body.reason).to.equal(reason)
      expect(body).to.not.have.property('access_token')
      expect(cache).to.equal('no-store')
      expect((await send(jwt(world.token()))).status, 'the next good token').to.equal(200)
    })
  }

  it('our own access token as a subject token is token_malformed', async () => {
    const own = await world.granted(world.token())
    expect((await send(jwt(own))).body.reason).to.equal('token_malformed')
    expect((await send({ body: asForm(askFor('tokenExchange', own)) })).body.reason).to.equal('token_malformed')
  })

  it('nothing of all that was a bug of ours', () => {
    const bugs = service.lines.filter(({ level }) => level === 50 || level === 60 || level === 'error')
    expect(bugs).to.deep.equal([])
  })
})
