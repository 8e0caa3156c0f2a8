/** The verifier, against a server that answers whatever the test needs; the real one is asked in the journeys. */
import { expect } from 'chai'
import { createVerifier, type VerifierOptions, VerifyError } from '../../src/verify/index.ts'
import { type Issuing, serverKey, startIssuing } from '../support/issuing.ts'

const apiKey = serverKey
const introspect = '/oauth/introspect'
const evaluation = '/access/v1/evaluation'

describe('verify/verifier', () => {
  let issuing: Issuing
  beforeEach(async () => {
    issuing = await startIssuing()
  })
  afterEach(() => issuing.close())

  const verifier = (more: Partial<VerifierOptions> = {}) =>
    createVerifier({ url: issuing.url, organization: 'acme', audience: 'https://api.example', ...more })
  const connected = (more: Partial<VerifierOptions> = {}) => verifier({ key: serverKey, ...more })

  /** The code of the refusal; 'let in' when there is none. */
  const outcome = (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => 'let in',
      (error: unknown) => {
        if (!(error instanceof VerifyError)) throw error
        return error.code
      },
    )

  describe('offline', () => {
    it('says who is calling', async () => {
      const token = await issuing.token()
      const caller = await verifier().verify(token)
      expect(caller).to.deep.equal({
        id: 'sa_01',
        type: 'service_account',
        name: 'trainer',
        organization: 'acme',
        team: 'ml',
        scope: ['projects:read', 'projects:write'],
        method: 'federated',
        audience: 'https://api.example',
        expiresAt: caller.expiresAt,
        idp: { iss: 'https://ci.example', sub: 'job' },
      })
      expect(issuing.asked(introspect)).to.equal(0)
    })

    it('says it of a person, who has no team', async () => {
      const token = await issuing.token({
        sub: 'user_1',
        principal: 'user',
        name: 'ada',
        team: undefined,
        method: 'api_key',
        idp: undefined,
      })
      const caller = await verifier().verify(token)
      expect(caller).to.include({ id: 'user_1', type: 'user', name: 'ada', method: 'api_key' })
      expect(caller).to.not.have.any.keys('team', 'idp')
    })

    it('takes a token for the installation too, and without an audience of its own that alone', async () => {
      const forAll = await issuing.token({ aud: issuing.url })
      expect(await outcome(verifier().verify(forAll))).to.equal('let in')
      const { verify } = createVerifier({ url: issuing.url, organization: 'acme' })
      expect(await outcome(verify(forAll))).to.equal('let in')
      expect(await outcome(verify(await issuing.token()))).to.equal('audience_wrong')
    })

    it('asks for the scope that is needed; writing includes reading', async () => {
      const { verify } = verifier()
      const token = await issuing.token({ scope: 'projects:read' })
      const wide = await issuing.token({ scope: 'projects:write' })
      expect(await outcome(verify(token, { scope: 'projects:read' }))).to.equal('let in')
      expect(await outcome(verify(token, { scope: 'projects:write' }))).to.equal('scope_missing')
      expect(await outcome(verify(wide, { scope: 'projects:read' }))).to.equal('let in')
      expect(
        await outcome(verify(await issuing.token({ scope: 'projects:readwrite' }), { scope: 'projects:read' })),
      ).to.equal('scope_missing')
    })

    it('accepts every algorithm of ours', async () => {
      const keys = await Promise.all(['ES256', 'RS256', 'EdDSA'].map((alg, i) => issuing.newKey(`a${i}`, alg)))
      issuing.publish(keys.map(({ jwk }) => jwk))
      const { verify } = verifier()
      for (const by of keys) expect(await outcome(verify(await issuing.token({}, { by })))).to.equal('let in')
    })

    const forged = async (what: string): Promise<string> => {
      const [head = '', body = '', tail = ''] = (await issuing.token()).split('.')
      const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
      const { createHmac } = await import('node:crypto')
      const none = part({ alg: 'none', typ: 'at+jwt', kid: 'k1' })
      const hmac = part({ alg: 'HS256', typ: 'at+jwt', kid: 'k1' })
      const ways: Record<string, string> = {
        crit: `${part({ alg: 'ES256', typ: 'at+jwt', kid: 'k1', crit: ['exp'] })}.${body}.${tail}`,
        'alg none': `${none}.${body}.`,
        'alg none with a signature': `${none}.${body}.${tail}`,
        'HS256 with the public key as the secret': `${hmac}.${body}.${createHmac('sha256', JSON.stringify(issuing.key.jwk)).update(`${hmac}.${body}`).digest('base64url')}`,
        'claims of one and signature of another': `${head}.${part({ ...issuing.claims(), sub: 'sa_02' })}.${tail}`,
        'a signature that is cut': `${head}.${body}.${tail.slice(0, -4)}`,
        'five parts': `${head}.${body}.${tail}.x.y`,
        'no header': `.${body}.${tail}`,
        'a header that is no JSON': `${Buffer.from('x').toString('base64url')}.${body}.${tail}`,
        'white space': ` ${head}.${body}.${tail}`,
      }
      return ways[what] as string
    }
    const forgeries: [string, string][] = [
      ['crit', 'token_malformed'],
      ['alg none', 'token_malformed'],
      ['alg none with a signature', 'algorithm_wrong'],
      ['HS256 with the public key as the secret', 'algorithm_wrong'],
      ['claims of one and signature of another', 'signature_invalid'],
      ['a signature that is cut', 'signature_invalid'],
      ['five parts', 'token_malformed'],
      ['no header', 'token_malformed'],
      ['a header that is no JSON', 'token_malformed'],
      ['white space', 'token_malformed'],
    ]
    for (const [what, code] of forgeries)
      it(`refuses ${what}: ${code}`, async () => {
        expect(await outcome(verifier().verify(await forged(what)))).to.equal(code)
      })

    const past = () => Math.floor(Date.now() / 1000) - 60
    const refused: [
      what: string,
      claims: () => Record<string, unknown>,
      header: Record<string, unknown>,
      code: string,
    ][] = [
      ['typ JWT', () => ({}), { typ: 'JWT' }, 'type_wrong'],
      ['typ application/at+jwt, which is never ours', () => ({}), { typ: 'application/at+jwt' }, 'type_wrong'],
      ['no typ', () => ({}), { typ: undefined }, 'type_wrong'],
      ['no kid', () => ({}), { kid: undefined }, 'key_unknown'],
      ['an unknown kid', () => ({}), { kid: 'k9' }, 'key_unknown'],
      ['another issuer', () => ({ iss: 'https://evil.example' }), {}, 'issuer_wrong'],
      ['the issuer with a slash', () => ({ iss: `${issuing.url}/` }), {}, 'issuer_wrong'],
      ['no issuer', () => ({ iss: undefined }), {}, 'issuer_wrong'],
      ['another audience', () => ({ aud: 'https://other.example' }), {}, 'audience_wrong'],
      ['a list of audiences', () => ({ aud: ['https://api.example', 'https://other.example'] }), {}, 'audience_wrong'],
      ['no audience', () => ({ aud: undefined }), {}, 'audience_wrong'],
      ['another organization', () => ({ org: 'other' }), {}, 'organization_wrong'],
      ['another letter case of it', () => ({ org: 'Acme' }), {}, 'organization_wrong'],
      ['no organization', () => ({ org: undefined }), {}, 'token_malformed'],
      ['an expired one', () => ({ exp: past() }), {}, 'token_expired'],
      ['no expiry', () => ({ exp: undefined }), {}, 'token_malformed'],
      ['one that is not valid yet', () => ({ nbf: past() + 600 }), {}, 'token_not_yet_valid'],
      ['no subject', () => ({ sub: undefined }), {}, 'token_malformed'],
      ['an empty subject', () => ({ sub: '' }), {}, 'token_malformed'],
      ['a principal that is not known', () => ({ principal: 'operator' }), {}, 'token_malformed'],
      ['a scope that is a list', () => ({ scope: ['projects:read'] }), {}, 'token_malformed'],
    ]
    for (const [what, claims, header, code] of refused)
      it(`refuses ${what}: ${code}`, async () => {
        const token = await issuing.token(claims(), { header })
        expect(await outcome(verifier().verify(token))).to.equal(code)
      })

    it('refuses what another key of the same name signed', async () => {
      const by = await issuing.newKey('k1')
      expect(await outcome(verifier().verify(await issuing.token({}, { by })))).to.equal('signature_invalid')
    })

    it('refuses no credential, an API key, and what is neither', async () => {
      const { verify } = verifier()
      for (const nothing of [undefined, '']) expect(await outcome(verify(nothing))).to.equal('credential_missing')
      expect(await outcome(verify(apiKey))).to.equal('api_key_needs_connection')
      for (const noise of ['x', 'csk_short', `${apiKey.slice(0, -1)}X`, 'x'.repeat(20_000), `${'a.'.repeat(9_000)}b`])
        expect(await outcome(verify(noise))).to.equal('token_malformed')
      expect(issuing.calls).to.deep.equal([])
    })

    it('judges time by its own clock, with a tolerance', async () => {
      const token = await issuing.token()
      const at = (ms: number, clockTolerance?: number) =>
        outcome(
          verifier({ now: () => Date.now() + ms, ...(clockTolerance === undefined ? {} : { clockTolerance }) }).verify(
            token,
          ),
        )
      expect(await at(899_000)).to.equal('let in')
      expect(await at(903_000)).to.equal('let in')
      expect(await at(907_000)).to.equal('token_expired')
      expect(await at(907_000, 60)).to.equal('let in')
    })

    it('has no answer about projects, and says what to do when it is made', async () => {
      const { evaluate, requireAccess } = verifier()
      for (const project of ['ml/x', () => 'ml/x'])
        expect(() => requireAccess({ action: 'read', project })).to.throw(TypeError, 'give createVerifier the key')
      const asked = await evaluate(await issuing.token(), { action: 'read', project: 'x' }).catch((error) => error)
      expect(asked).to.be.instanceOf(TypeError)
    })

    it('never repeats the credential in an error', async () => {
      const token = await issuing.token({ iss: 'https://evil.example' })
      const error = await verifier()
        .verify(token)
        .catch((error: unknown) => error)
      const { message, stack, cause } = error as VerifyError
      for (const text of [message, stack, String(cause)]) expect(text).to.not.contain(token.slice(20, 60))
    })
  })

  describe('connected', () => {
    const active = (more: Record<string, unknown> = {}) => {
      issuing.answers[introspect] = { body: { active: true, ...issuing.claims(), username: 'trainer', ...more } }
    }

    it('asks, by its own key, and takes the answer for what is now', async () => {
      active({ name: 'renamed', scope: 'projects:read' })
      const caller = await connected().verify(await issuing.token())
      expect(caller).to.deep.include({ name: 'renamed', scope: ['projects:read'] })
      expect(issuing.calls.find(({ path }) => path === introspect)?.authorization).to.equal(`Bearer ${serverKey}`)
    })

    it('accepts API keys', async () => {
      active({ aud: issuing.url, method: 'api_key', exp: undefined })
      const caller = await connected().verify(apiKey)
      expect(caller).to.include({ id: 'sa_01', method: 'api_key' })
      expect(caller).to.not.have.property('expiresAt')
      expect(issuing.asked('/oauth/jwks')).to.equal(0)
    })

    it('refuses what is not active', async () => {
      issuing.answers[introspect] = { body: { active: false } }
      const { verify } = connected()
      expect(await outcome(verify(await issuing.token()))).to.equal('inactive')
      expect(await outcome(verify(apiKey))).to.equal('inactive')
    })

    it('believes nothing that is not said of this credential, this organization and this API', async () => {
      const asked: [Record<string, unknown>, string][] = [
        [{ active: 'true' }, 'inactive'],
        [{ active: 1 }, 'inactive'],
        [{ org: 'other' }, 'organization_wrong'],
        [{ aud: 'https://other.example' }, 'audience_wrong'],
        [{ aud: ['https://api.example'] }, 'token_malformed'],
        [{ sub: 'sa_02' }, 'unavailable'],
        [{ principal: 'resource_server' }, 'token_malformed'],
      ]
      for (const [more, code] of asked) {
        active(more)
        expect(await outcome(connected().verify(await issuing.token())), JSON.stringify(more)).to.equal(code)
      }
    })

    it('refuses a bad token without asking', async () => {
      active()
      const { verify } = connected()
      expect(await outcome(verify(await issuing.token({ aud: 'https://other.example' })))).to.equal('audience_wrong')
      expect(await outcome(verify(`${apiKey.slice(0, -1)}X`))).to.equal('token_malformed')
      expect(issuing.asked(introspect)).to.equal(0)
    })

    it('asks again after a second, not before, and once for all who ask at once', async () => {
      active()
      let ms = 0
      const { verify } = connected({ elapsed: () => ms })
      const token = await issuing.token()
      await Promise.all(Array.from({ length: 20 }, () => verify(token)))
      expect(issuing.asked(introspect)).to.equal(1)
      ms = 999
      await verify(token)
      expect(issuing.asked(introspect)).to.equal(1)
      issuing.answers[introspect] = { body: { active: false } }
      ms = 1000
      expect(await outcome(verify(token))).to.equal('inactive')
      await verify(await issuing.token({ jti: 'j2' })).catch(() => {})
      expect(issuing.asked(introspect), 'another token is another question').to.equal(3)
    })

    it('remembers nothing with cacheSeconds 0, and nothing beyond the expiry', async () => {
      active()
      const token = await issuing.token()
      const { verify } = connected({ cacheSeconds: 0 })
      for (let i = 0; i < 3; i++) await verify(token)
      expect(issuing.asked(introspect)).to.equal(3)
      let ms = 0
      const start = Date.now()
      const patient = connected({ cacheSeconds: 600, elapsed: () => ms, now: () => start + ms })
      active({ exp: Math.floor(start / 1000) + 60, aud: issuing.url })
      expect(await outcome(patient.verify(apiKey))).to.equal('let in')
      ms = 61_000
      issuing.answers[introspect] = { body: { active: false } }
      expect(await outcome(patient.verify(apiKey))).to.equal('inactive')
    })

    it('lets nobody in by a question that was asked before it was revoked', async () => {
      let ms = 0
      const held: ((active: boolean) => void)[] = []
      const { verify } = connected({
        elapsed: () => ms,
        fetch: () =>
          new Promise((resolve) =>
            held.push((active) => resolve(Response.json({ ...issuing.claims(), aud: issuing.url, active }))),
          ),
      })
      const asked = async (count: number) => {
        while (held.length < count) await new Promise((resolve) => setImmediate(resolve))
      }
      const before = outcome(verify(apiKey))
      await asked(1)
      // Revoked meanwhile; the first answer is still on its way.
      ms = 1000
      const after = outcome(verify(apiKey))
      await asked(2)
      held[1]?.(false)
      expect(await after).to.equal('inactive')
      held[0]?.(true)
      expect(await before).to.equal('let in')
      const last = outcome(verify(apiKey))
      expect(await Promise.race([last, asked(3).then(() => 'asks')])).to.equal('inactive')
    })

    const failures: [what: string, answer: object, code: string, retryAfter?: number][] = [
      ['a 500', { status: 500 }, 'unavailable', 5],
      ['a 503 with Retry-After', { status: 503, headers: { 'retry-after': '17' } }, 'unavailable', 17],
      ['a 429', { status: 429, headers: { 'retry-after': '60' } }, 'unavailable', 60],
      ['a redirect', { status: 302, headers: { location: 'https://evil.example' } }, 'unavailable', 5],
      ['an answer that is no JSON', { body: 'yes', headers: { 'content-type': 'application/json' } }, 'unavailable', 5],
      ['a list', { body: [{ active: true }] }, 'unavailable', 5],
      ['a page', { body: '{"active":true}', headers: { 'content-type': 'text/html' } }, 'unavailable', 5],
      ['an endless answer', { body: `{"active":true,"x":"${'x'.repeat(1_100_000)}"}` }, 'unavailable', 5],
      ['a 401: our own key', { status: 401 }, 'key_refused', 5],
      ['a 403: our own key', { status: 403 }, 'key_refused', 5],
      ['a 204', { status: 204, body: '' }, 'unavailable', 5],
    ]
    for (const [what, answer, code, retryAfter] of failures)
      it(`${what} is never a yes, and is not remembered: ${code}`, async () => {
        const { verify } = connected()
        issuing.answers[introspect] = answer
        const error = (await verify(apiKey).catch((error: unknown) => error)) as VerifyError
        expect(error).to.be.instanceOf(VerifyError)
        expect(error.code).to.equal(code)
        if (retryAfter !== undefined) expect(error).to.include({ status: 503, retryAfter })
        active({ aud: issuing.url })
        expect(await outcome(verify(apiKey))).to.equal('let in')
      })

    it('gives up in time', async () => {
      issuing.answers[introspect] = { hang: true }
      expect(await outcome(connected({ timeout: 50 }).verify(apiKey))).to.equal('unavailable')
    })

    it('a network that fails is no answer', async () => {
      await issuing.close()
      expect(await outcome(connected().verify(apiKey))).to.equal('unavailable')
      issuing = await startIssuing()
    })

    it('calls through any fetch', async () => {
      active({ aud: issuing.url })
      const seen: string[] = []
      const { verify } = connected({
        fetch: (url, init) => {
          seen.push(`${init.method} ${url}`)
          return fetch(url, init)
        },
      })
      await verify(apiKey)
      expect(seen).to.deep.equal([`POST ${issuing.url}${introspect}`])
    })

    describe('projects', () => {
      const question = { action: 'write', project: 'ml/x' } as const
      beforeEach(() => active({ aud: issuing.url }))

      it('are Countersign’s to judge', async () => {
        issuing.answers[evaluation] = (body) => {
          expect(JSON.parse(body)).to.deep.equal({
            subject: { type: 'token', id: apiKey },
            action: { name: 'write' },
            resource: { type: 'project', id: 'ml/x' },
            context: { attribution: { username: 'ada' } },
          })
          const person = { id: 'user_1', username: 'ada', email: 'ada@acme.example' }
          return {
            body: { decision: true, context: { project: 'ml/x', reason: 'team_account', attributed_to: person } },
          }
        }
        const decision = await connected().evaluate(apiKey, { ...question, attribution: { username: 'ada' } })
        expect(decision).to.deep.equal({
          allowed: true,
          project: 'ml/x',
          reason: 'team_account',
          attributedTo: { id: 'user_1', username: 'ada', email: 'ada@acme.example' },
        })
      })

      it('a no is an answer; anything but a boolean is none', async () => {
        issuing.answers[evaluation] = { body: { decision: false, context: { reason: 'other_team', project: 'ml/x' } } }
        expect(await connected().evaluate(apiKey, question)).to.deep.equal({
          allowed: false,
          reason: 'other_team',
          project: 'ml/x',
        })
        for (const body of [{}, { decision: 'true' }, { decision: 1 }, { evaluations: [{ decision: true }] }]) {
          issuing.answers[evaluation] = { body }
          expect(await outcome(connected().evaluate(apiKey, question))).to.equal('unavailable')
        }
      })

      it('several at once, as many answers as questions', async () => {
        const path = '/access/v1/evaluations'
        issuing.answers[path] = { body: { evaluations: [{ decision: true }, { decision: false }] } }
        const ask = (count: number) =>
          connected().evaluateAll(
            apiKey,
            Array.from({ length: count }, () => question),
          )
        expect((await ask(2)).map(({ allowed }) => allowed)).to.deep.equal([true, false])
        expect(await outcome(ask(3))).to.equal('unavailable')
        expect(await ask(0)).to.deep.equal([])
        expect(issuing.asked(path)).to.equal(2)
        issuing.answers[path] = { body: { decision: true } }
        expect(await outcome(ask(1))).to.equal('unavailable')
      })

      it('of an API key of another organization nobody is asked, though our own key is of that one', async () => {
        active({ aud: issuing.url, org: 'other' })
        issuing.answers[evaluation] = { body: { decision: true, context: {} } }
        issuing.answers['/access/v1/evaluations'] = { body: { evaluations: [{ decision: true }] } }
        expect(await outcome(connected().evaluate(apiKey, question))).to.equal('organization_wrong')
        expect(await outcome(connected().evaluateAll(apiKey, [question]))).to.equal('organization_wrong')
        expect(issuing.asked(evaluation)).to.equal(0)
      })

      it('fewer at once where the installation takes no more', async () => {
        const sizes: number[] = []
        issuing.answers['/access/v1/evaluations'] = (body) => {
          const { evaluations } = JSON.parse(body) as { evaluations: { resource: { id: string } }[] }
          sizes.push(evaluations.length)
          if (evaluations.length > 2) return { status: 400, body: { reason: 'too_many_evaluations' } }
          return { body: { evaluations: evaluations.map(({ resource }) => ({ decision: resource.id === 'p3' })) } }
        }
        const questions = Array.from({ length: 5 }, (_, i) => ({ action: 'read', project: `p${i}` }) as const)
        const decided = await connected().evaluateAll(apiKey, questions)
        expect(decided.map(({ allowed }) => allowed)).to.deep.equal([false, false, false, true, false])
        expect(sizes).to.deep.equal([5, 3, 2, 1, 2])
      })

      it('very many in several requests, in their order', async () => {
        const path = '/access/v1/evaluations'
        const sizes: number[] = []
        issuing.answers[path] = (body) => {
          const { evaluations } = JSON.parse(body) as { evaluations: { resource: { id: string } }[] }
          sizes.push(evaluations.length)
          return {
            body: {
              evaluations: evaluations.map(({ resource }) => ({ decision: false, context: { reason: resource.id } })),
            },
          }
        }
        const projects = Array.from({ length: 250 }, (_, i) => `ml/p${i}`)
        const decisions = await connected().evaluateAll(
          apiKey,
          projects.map((project) => ({ action: 'read' as const, project })),
        )
        expect(decisions.map(({ reason }) => reason)).to.deep.equal(projects)
        expect(sizes).to.deep.equal([100, 100, 50])
      })

      it('of a token that is none nobody is asked', async () => {
        expect(await outcome(connected().evaluate(await issuing.token({ org: 'other' }), question))).to.equal(
          'organization_wrong',
        )
        expect(issuing.asked(evaluation)).to.equal(0)
      })
    })
  })
})
