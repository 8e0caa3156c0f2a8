/** Every reason of the token endpoint: what leads to it, what the caller reads, and where it is on record. */
import { expect } from 'chai'
import { grantTypes, tokenTypes } from '../../src/protocol/oauth.ts'
import { type ExchangeReason, exchangeReasonNames } from '../../src/server/errors/catalogue.ts'
import { generateKey, type Provider, startProvider } from '../support/identity-provider.ts'
import { createProver } from '../support/prover.ts'
import { type Answer, call, type Service, startService } from '../support/server.ts'
import { askFor, badSubjects, createWorld, type SubjectGrant, subjectGrants, type World } from '../support/world.ts'
import { expectRefusal } from './refusal.ts'

type Scene = { world: World; grant: SubjectGrant; ask(token: string, extra?: Record<string, string>): Promise<Answer> }
type Journey = { trail: 'org' | 'installation'; status?: number; error?: string; go(scene: Scene): Promise<Answer> }

const now = () => Math.floor(Date.now() / 1000)
const unknownKey = 'csk_00000000000000000000000000000000000000000000000000000'
const raw = (world: World, type: string, body: string) =>
  fetch(`${world.service.url}/oauth/token`, { method: 'POST', headers: { 'content-type': type }, body }).then(
    async (res): Promise<Answer> => ({
      status: res.status,
      headers: res.headers,
      body: (await res.json()) as Answer['body'],
    }),
  )
const withProof = (world: World, grant: SubjectGrant, dpop: string) =>
  call(world.service, 'POST', '/oauth/token', { form: askFor(grant, world.token()), headers: { dpop } })
const form = 'application/x-www-form-urlencoded'

/** A token of ours but for these claims: refused after its issuer and audience have named the organization. */
const claims = (more: () => Record<string, unknown>): Journey => ({
  trail: 'org',
  go: ({ world, ask }) => ask(world.token(more())),
})
const request = (go: Journey['go'], more: Partial<Journey> = {}): Journey => ({
  trail: 'installation',
  status: 400,
  error: 'invalid_request',
  go,
  ...more,
})

/** Without `error`: a bad subject token, which each grant's RFC names in its own way. */
const journeys: Partial<Record<ExchangeReason, Journey>> = {
  malformed_request: request(({ world, ask }) => ask(world.token(), { requested_token_ttl: 'soon' })),
  parameter_missing: request(({ ask }) => ask('')),
  parameter_repeated: request(({ world, grant }) =>
    raw(world, form, `${new URLSearchParams(askFor(grant, 'x'))}&scope=projects:read&scope=projects:read`),
  ),
  request_too_large: request(({ ask }) => ask('x'.repeat(70_000)), { status: 413 }),
  unsupported_media_type: request(({ world, grant }) => raw(world, 'text/plain', JSON.stringify(askFor(grant, 'x'))), {
    status: 415,
  }),
  unsupported_grant_type: request(({ world }) => world.post({ grant_type: 'password', username: 'a', password: 'b' }), {
    error: 'unsupported_grant_type',
  }),
  token_malformed: { trail: 'installation', go: ({ ask }) => ask('not.a.token') },
  token_too_large: { trail: 'installation', go: ({ ask }) => ask('x'.repeat(16_385)) },
  algorithm_not_allowed: {
    trail: 'org',
    go: ({ world, ask }) => ask(world.token({}, { header: { alg: 'HS256' } })),
  },
  critical_header: {
    trail: 'org',
    go: ({ world, ask }) => ask(world.token({}, { header: { crit: ['exp'] } })),
  },
  issuer_missing: { trail: 'installation', go: ({ world, ask }) => ask(world.token({ iss: undefined })) },
  issuer_not_trusted: {
    trail: 'installation',
    go: ({ world, ask }) => ask(world.token({ iss: 'https://stranger.example' })),
  },
  audience_not_accepted: {
    trail: 'installation',
    go: ({ world, ask }) => ask(world.token({ aud: 'https://elsewhere.example' })),
  },
  key_not_found: { trail: 'org', go: ({ world, ask }) => ask(world.token({}, { kid: 'nobody' })) },
  signature_invalid: {
    trail: 'org',
    go: ({ world, ask }) => ask(world.token({}, { key: generateKey('RS256').privateKey })),
  },
  expiry_missing: claims(() => ({ exp: undefined })),
  issued_at_missing: claims(() => ({ iat: undefined })),
  token_expired: claims(() => ({ iat: now() - 600, exp: now() - 120 })),
  token_not_yet_valid: claims(() => ({ nbf: now() + 120 })),
  token_issued_in_future: claims(() => ({ iat: now() + 120, exp: now() + 300 })),
  token_too_old: claims(() => ({ iat: now() - 100_000, exp: now() + 60 })),
  subject_missing: claims(() => ({ sub: undefined })),
  no_account_matches: claims(() => ({ sub: 'nobody' })),
  account_ambiguous: claims(() => ({ sub: 'twice' })),
  token_replayed: {
    trail: 'org',
    async go({ world, ask }) {
      const token = world.token({ aud: 'once', jti: crypto.randomUUID(), sub: 'once' })
      expect((await ask(token)).status).to.equal(200)
      return ask(token)
    },
  },
  target_unknown: {
    trail: 'org',
    status: 400,
    error: 'invalid_target',
    go: ({ world, ask }) => ask(world.token(), { resource: 'https://nowhere.example' }),
  },
  scope_not_allowed: {
    trail: 'org',
    status: 400,
    error: 'invalid_scope',
    go: ({ world, ask }) => ask(world.token({ sub: 'reader' }), { scope: 'projects:write' }),
  },
  dpop_proof_invalid: {
    trail: 'org',
    status: 400,
    error: 'invalid_dpop_proof',
    go: ({ world, grant }) => withProof(world, grant, 'no proof'),
  },
  dpop_nonce_required: {
    trail: 'org',
    status: 400,
    error: 'use_dpop_nonce',
    async go({ world, grant }) {
      const { proof } = await createProver()
      return withProof(world, grant, await proof({ url: `${world.service.publicUrl}/oauth/token` }))
    },
  },
  dpop_proof_missing: {
    trail: 'org',
    status: 400,
    error: 'invalid_request',
    go: ({ world, ask }) => ask(world.token({ sub: 'bound' })),
  },
  api_key_invalid: {
    trail: 'installation',
    status: 401,
    error: 'invalid_client',
    go: ({ world, ask, grant }) =>
      grant === 'tokenExchange'
        ? ask(unknownKey, { subject_token_type: tokenTypes.apiKey })
        : world.withKey(unknownKey),
  },
}
/** Told in outages.test.ts: they need a service, or a provider, in trouble. */
const elsewhere: readonly ExchangeReason[] = ['issuer_unavailable', 'storage_unavailable', 'rate_limited']

describe('every reason of the token endpoint', () => {
  let provider: Provider
  let service: Service
  let world: World

  before(async () => {
    provider = await startProvider()
    service = await startService()
    world = await createWorld(service, provider)
    await world.external('twin-a', 'twice')
    await world.external('twin-b', 'twice')
    await world.external('reader', 'reader', { access: 'read' })
    await world.external('bound', 'bound', { dpop_bound_access_tokens: true })
    await world.make('/issuers', { name: 'once', issuer: provider.issuer, audiences: ['once'], single_use: true })
    await world.external('once', 'once', { trust: { issuer: 'once', subject: 'once' } })
  })
  after(async () => {
    await service?.close()
    await provider?.close()
  })

  it('has a journey each', () => {
    const told = [...Object.keys(journeys), ...elsewhere]
    expect(told).to.have.members(exchangeReasonNames)
  })

  for (const [reason, journey] of Object.entries(journeys)) {
    for (const grant of subjectGrants) {
      it(`${reason}, ${grant}`, async () => {
        const ask: Scene['ask'] = (token, extra) => world.post(askFor(grant, token, extra))
        const answer = await journey.go({ world, grant, ask })
        const error = journey.error ?? badSubjects[grant]
        const requestId = expectRefusal(answer, { reason, error, status: journey.status ?? 400 })

        const own = await world.auditOf(requestId)
        const installation = await world.installationAuditOf(requestId)
        const [event] = journey.trail === 'org' ? own : installation
        expect([own.length, installation.length], 'events in the trails').to.deep.equal(
          journey.trail === 'org' ? [1, 0] : [0, 1],
        )
        expect(event).to.deep.include({ type: 'token.exchange', result: 'refused', reason, request_id: requestId })
      })
    }
  }

  it('a single-use token gives one access token under 20 parallel tries', async () => {
    for (const jti of [crypto.randomUUID(), undefined]) {
      const token = world.token({ aud: 'once', sub: 'once', jti, nonce: crypto.randomUUID() })
      const answers = await Promise.all(Array.from({ length: 20 }, () => world.exchange(token)))
      expect(answers.filter(({ status }) => status === 200)).to.have.length(1)
      const refused = answers.filter(({ status }) => status !== 200)
      for (const answer of refused)
        expectRefusal(answer, { reason: 'token_replayed', error: 'invalid_grant', status: 400 })
    }
  })

  it('a refused caller does not burn a single-use token', async () => {
    const token = world.token({ aud: 'once', sub: 'once', jti: crypto.randomUUID() })
    const wrong = await world.exchange(token, { service_account: 'ml/trainer' })
    expectRefusal(wrong, { reason: 'no_account_matches', error: 'invalid_grant', status: 400 })
    expect((await world.exchange(token)).status).to.equal(200)
  })

  it('a token refused for its form is on record with the organization that it names', async () => {
    for (const header of [{ typ: 'at+jwt' }, { b64: false }, { kid: 7 }]) {
      const requestId = expectRefusal(await world.exchange(world.token({}, { header })), {
        reason: 'token_malformed',
        error: 'invalid_grant',
        status: 400,
      })
      expect(await world.auditOf(requestId)).to.have.length(1)
    }
  })

  it('a wrong key by Basic reads as one in the body', async () => {
    const headers = { authorization: `Basic ${btoa(`x:${unknownKey}`)}` }
    const answer = await call(service, 'POST', '/oauth/token', {
      form: { grant_type: grantTypes.clientCredentials },
      headers,
    })
    expectRefusal(answer, { reason: 'api_key_invalid', error: 'invalid_client', status: 401 })
  })
})
