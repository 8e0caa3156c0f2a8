/** Bound tokens at an API (RFC 9449 §7.1): worth something to who holds the key, and nothing to anybody else. */
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import {
  createVerifier,
  type DpopOptions,
  problemOf,
  type Shown,
  type VerifierOptions,
  VerifyError,
} from '../../src/verify/index.ts'
import { type Issuing, serverKey, startIssuing } from '../support/issuing.ts'
import { createProver, type ProofAsk, type Prover } from '../support/prover.ts'

const api = 'https://api.example'
const nonceSecret = 'a-secret-of-all-replicas-of-this-api'

describe('verify: tokens bound to a key', () => {
  let issuing: Issuing
  let prover: Prover
  before(async () => {
    issuing = await startIssuing()
    prover = await createProver()
  })
  after(() => issuing?.close())

  const verifier = (dpop: DpopOptions | null = { url: api }, more: Partial<VerifierOptions> = {}) =>
    createVerifier({ url: issuing.url, organization: 'acme', audience: api, ...(dpop ? { dpop } : {}), ...more })
  const bound = (by = prover) => issuing.token({ cnf: { jkt: by.jkt } })
  const shown = async (
    token: string,
    { by = prover, ...ask }: Partial<ProofAsk> & { by?: Prover } = {},
  ): Promise<Shown> => ({
    proof: await by.proof({ url: `${api}/runs`, method: 'GET', token, ...ask }),
    method: 'GET',
    url: '/runs',
  })
  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => 'accepted',
      (error: unknown) => (error instanceof VerifyError ? error.code : String(error)),
    )

  it('takes one with a proof of its key, and says which', async () => {
    const token = await bound()
    const caller = await verifier().verify(token, { shown: await shown(token), scope: 'projects:read' })
    expect(caller).to.include({ name: 'trainer', jkt: prover.jkt })
  })

  it('takes none as a bearer token, whether it knows of proofs or not', async () => {
    const token = await bound()
    expect(await codeOf(verifier().verify(token))).to.equal('possession_unproven')
    expect(await codeOf(verifier(null).verify(token))).to.equal('possession_unproven')
    expect(await codeOf(verifier(null).verify(token, { shown: await shown(token) }))).to.equal('possession_unproven')
  })

  it('takes none that is bound in a way that it does not know', async () => {
    for (const cnf of [{}, { 'x5t#S256': 'abc' }, { jkt: 1 }, 'x', null]) {
      const token = await issuing.token({ cnf })
      expect(await codeOf(verifier().verify(token)), JSON.stringify(cnf)).to.equal('token_malformed')
    }
  })

  it('takes no unbound token, and no API key, that is shown as bound', async () => {
    const token = await issuing.token()
    expect(await codeOf(verifier().verify(token, { shown: await shown(token) }))).to.equal('possession_unproven')
    const asked = { shown: await shown(serverKey) }
    expect(await codeOf(verifier({ url: api }, { key: serverKey }).verify(serverKey, asked))).to.equal(
      'possession_unproven',
    )
  })

  type How = Partial<ProofAsk> & { by?: Prover }
  const bad: [what: string, how: () => How | Promise<How>][] = [
    ['of another key', async () => ({ by: await createProver() })],
    ['for another method', () => ({ method: 'POST' })],
    ['for another path', () => ({ url: `${api}/other` })],
    ['for another host', () => ({ url: 'https://evil.example/runs' })],
    ['for another token', () => ({ token: 'another' })],
    ['for no token', () => ({ claims: { ath: undefined } })],
    ['without jti', () => ({ claims: { jti: undefined } })],
    ['without iat', () => ({ claims: { iat: undefined } })],
    ['of two minutes ago', () => ({ claims: { iat: Math.floor(Date.now() / 1000) - 120 } })],
    ['of two minutes hence', () => ({ claims: { iat: Math.floor(Date.now() / 1000) + 120 } })],
    ['of another type', () => ({ header: { typ: 'JWT' } })],
    ['that bears another’s key', async () => ({ header: { jwk: (await createProver()).jwk } })],
    ['that gives away its private key', () => ({ header: { jwk: prover.privateJwk } })],
  ]
  for (const [what, how] of bad)
    it(`refuses a proof ${what}`, async () => {
      const token = await bound()
      expect(await codeOf(verifier().verify(token, { shown: await shown(token, await how()) }))).to.equal(
        'possession_unproven',
      )
    })

  for (const [what, proof] of [
    ['none', undefined],
    ['an empty one', ''],
    ['noise', 'a.b.c'],
    ['one that is too long', 'a'.repeat(20_000)],
  ] as const)
    it(`refuses ${what} as a proof`, async () => {
      const token = await bound()
      const asked = { shown: { proof, method: 'GET', url: '/runs' } }
      expect(await codeOf(verifier().verify(token, asked))).to.equal('possession_unproven')
    })

  for (const url of [
    '/admin/../runs',
    '/admin/..\\runs',
    '/admin/%2e%2e/runs',
    '/./runs',
    'https://api.example/x/../runs',
  ])
    it(`lets nobody in at ${url} by a proof for what that leads to`, async () => {
      const token = await bound()
      const asked = { ...(await shown(token)), url }
      expect(await codeOf(verifier().verify(token, { shown: asked }))).to.equal('possession_unproven')
    })

  it('the URL of the API may be written in any case, with its port and a slash', async () => {
    for (const url of ['https://API.example', 'https://api.example:443/', 'HTTPS://api.example//']) {
      const token = await bound()
      expect(await codeOf(verifier({ url }).verify(token, { shown: await shown(token) })), url).to.equal('accepted')
    }
  })

  it('a query, and a whole URL, are of the same path', async () => {
    for (const url of ['/runs?limit=1', '/runs#x', 'https://whoever.example/runs?x=/../y']) {
      const token = await bound()
      const asked = { ...(await shown(token)), url }
      expect(await codeOf(verifier().verify(token, { shown: asked })), url).to.equal('accepted')
    }
  })

  it('a proof serves once; of many at a time, one', async () => {
    const token = await bound()
    const { verify } = verifier()
    const once = await shown(token)
    const codes = await Promise.all(Array.from({ length: 20 }, () => codeOf(verify(token, { shown: once }))))
    expect(codes.filter((code) => code === 'accepted')).to.have.length(1)
  })

  it('replicas of an API remember together what they are told to', async () => {
    const seen = new Set<string>()
    const claim = async (id: string) => !seen.has(id) && Boolean(seen.add(id))
    const token = await bound()
    const once = await shown(token)
    const codes = [verifier({ url: api, claim }), verifier({ url: api, claim })].map(({ verify }) =>
      codeOf(verify(token, { shown: once })),
    )
    expect((await Promise.all(codes)).sort()).to.deep.equal(['accepted', 'possession_unproven'])
  })

  it('a proof that is refused is not used up', async () => {
    const token = await bound()
    const { verify } = verifier()
    const once = await shown(token)
    expect(await codeOf(verify(token, { shown: { ...once, method: 'POST' } }))).to.equal('possession_unproven')
    expect(await codeOf(verify(token, { shown: once }))).to.equal('accepted')
  })

  describe('with nonces', () => {
    const withNonces = (now = Date.now) => verifier({ url: api, nonceSecret }, { now })
    const nonceOf = async (token: string, at = withNonces()) => {
      const error = await at.verify(token, { shown: await shown(token) }).catch((error: VerifyError) => error)
      expect((error as VerifyError).code).to.equal('nonce_required')
      return String((error as VerifyError).nonce)
    }

    it('asks for one, and takes it, on another replica too', async () => {
      const token = await bound()
      const nonce = await nonceOf(token)
      expect(await codeOf(withNonces().verify(token, { shown: await shown(token, { nonce }) }))).to.equal('accepted')
    })

    it('takes none but its own, and its own for five minutes', async () => {
      const token = await bound()
      const fresh = await nonceOf(token)
      const later = withNonces(() => Date.now() + 301_000)
      const lived = await issuing.token({ cnf: { jkt: prover.jkt }, exp: Math.floor(Date.now() / 1000) + 3_600 })
      expect(await codeOf(later.verify(lived, { shown: await shown(lived, { nonce: fresh }) }))).to.equal(
        'nonce_required',
      )
      for (const nonce of ['1-00', `${Number(fresh.split('-')[0]) + 1}-${fresh.split('-')[1]}`])
        expect(await codeOf(withNonces().verify(token, { shown: await shown(token, { nonce }) }))).to.equal(
          'nonce_required',
        )
    })

    it('the problem bears it, with the challenge of RFC 9449 §9', async () => {
      const token = await bound()
      const error = await withNonces()
        .verify(token, { shown: await shown(token) })
        .catch((error: VerifyError) => error)
      const { status, headers } = problemOf(error as VerifyError, api)
      expect(status).to.equal(401)
      expect(headers['DPoP-Nonce']).to.equal((error as VerifyError).nonce)
      expect(headers['WWW-Authenticate']).to.match(
        /^DPoP realm="https:\/\/api.example", error="use_dpop_nonce", algs="ES256 /,
      )
    })
  })

  describe('connected', () => {
    const connected = () => verifier({ url: api }, { key: serverKey, cacheSeconds: 0 })
    const question = { action: 'write', project: 'vision' } as const

    it('introspection has to speak of the same key', async () => {
      const token = await bound()
      const says = (cnf: object) => {
        issuing.answers['/oauth/introspect'] = { body: { active: true, ...issuing.claims(), ...cnf } }
      }
      says({ cnf: { jkt: prover.jkt } })
      expect(await codeOf(connected().verify(token, { shown: await shown(token) }))).to.equal('accepted')
      says({})
      expect(await codeOf(connected().verify(token, { shown: await shown(token) }))).to.equal('unavailable')
    })

    it('Countersign is told whose possession was proven', async () => {
      const asked: unknown[] = []
      issuing.answers['/access/v1/evaluation'] = (body) => {
        asked.push(JSON.parse(body).context)
        return { body: { decision: true, context: { reason: 'team_account', project: 'ml/vision' } } }
      }
      const token = await bound()
      expect((await connected().evaluate(token, question, await shown(token))).allowed).to.equal(true)
      expect(asked).to.deep.equal([{ dpop_jkt: prover.jkt }])
      expect(await codeOf(connected().evaluate(token, question))).to.equal('possession_unproven')
      expect(asked).to.have.length(1)
    })
  })

  describe('requireAccess', () => {
    let server: ReturnType<typeof createServer>
    let at: string
    before(async () => {
      const { requireAccess } = verifier()
      const guard = requireAccess({ action: 'read' })
      const listener: RequestListener = (req, res) =>
        void guard(req, res, () => res.end((req as { caller?: { name: string } }).caller?.name))
      server = createServer(listener)
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    })
    after(() => {
      server?.close()
      server?.closeAllConnections()
    })

    const ask = async (scheme: string, token: string, proof: string | undefined) => {
      const headers = { authorization: `${scheme} ${token}`, ...(proof === undefined ? {} : { dpop: proof }) }
      const answer = await fetch(`${at}/runs?limit=1`, { headers })
      return { status: answer.status, challenge: answer.headers.get('www-authenticate'), text: await answer.text() }
    }

    it('lets in who shows the token as bound, with a proof for the URL of the API', async () => {
      const token = await bound()
      const { status, text } = await ask('DPoP', token, String((await shown(token)).proof))
      expect({ status, text }).to.deep.equal({ status: 200, text: 'trainer' })
    })

    it('lets nobody in who shows it as a bearer token, with a proof or without', async () => {
      const token = await bound()
      for (const proof of [undefined, String((await shown(token)).proof)]) {
        const { status, challenge } = await ask('Bearer', token, proof)
        expect(status).to.equal(401)
        expect(challenge).to.match(/^DPoP realm="https:\/\/api.example", error="invalid_dpop_proof"/)
      }
    })

    it('lets nobody in by a proof for the address that it happens to listen on', async () => {
      const token = await bound()
      const proof = String((await shown(token, { url: `${at}/runs` })).proof)
      expect((await ask('DPoP', token, proof)).status).to.equal(401)
    })

    it('unbound tokens are bearer tokens as ever', async () => {
      expect((await ask('Bearer', await issuing.token(), undefined)).status).to.equal(200)
    })
  })
})
