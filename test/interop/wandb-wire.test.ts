/** The W&B SDK by its captured wire: what it sends, field by field and header by header, to the service and to an API of ours. */
import { expect } from 'chai'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { leaks } from '../support/leaks.ts'
import { ask, type Said } from '../support/plain-http.ts'
import { call, type Service, startService } from '../support/server.ts'
import { startWandbApi, type WandbApi } from '../support/wandb-api.ts'
import { createWorld, must, type World } from '../support/world.ts'
import { wandbQueries } from './wandb-queries.ts'

type Header = readonly [name: string, value: string]
type Json = Record<string, unknown>
const grant = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const asForm: Header = ['Content-Type', 'application/x-www-form-urlencoded']
const asJson: Header = ['Content-Type', 'application/json']
const gzip: Header = ['Accept-Encoding', 'gzip']
const core: Header = ['User-Agent', 'wandb-core']
const publicApi: Header[] = [
  ['User-Agent', 'W&B Public Client 0.30.0'],
  ['Use-Admin-Privileges', 'true'],
]
/** Each client that exchanges, as it does. */
const exchangers: Record<string, { headers: Header[]; body: (token: string) => string }> = {
  'core: the colons of grant_type as they are': {
    headers: [core, asForm, gzip],
    body: (token) => `grant_type=${grant}&assertion=${token}`,
  },
  'the Public API': {
    headers: [...publicApi, asForm, gzip],
    body: (token) => `grant_type=${grant}&assertion=${token}`,
  },
  'Python before 0.28.2, and Weave: percent-encoded': {
    headers: [['User-Agent', 'python-requests/2.32.3'], gzip, ['Accept', '*/*'], ['Connection', 'keep-alive'], asForm],
    body: (token) => `grant_type=${encodeURIComponent(grant)}&assertion=${token}`,
  },
}

for (const path of ['', '/prefix'])
  describe(`the W&B SDK’s wire, its base URL ${path ? 'with' : 'without'} a path`, () => {
    let provider: Provider
    let service: Service
    let world: World
    let api: WandbApi
    let aliceKey: string
    before(async () => {
      provider = await startProvider()
      service = await startService({ env: { TRUST_PROXY: '127.0.0.1' } })
      world = await createWorld(service, provider, { issuer: { users: true, user_claim: 'email' } })
      api = await startWandbApi(world, { path })
      await world.make('/users', { username: 'alice', email: 'alice@acme.example' })
      await must(world.api('PUT', '/teams/ml/members/alice', { role: 'member' }))
      aliceKey = String((await world.make('/users/alice/keys', { name: 'laptop' })).secret)
    })
    after(async () => {
      await api?.close()
      await service?.close()
      await provider?.close()
    })

    const post = (below: string, headers: readonly Header[], body: string) =>
      ask(api.url, path + below, { method: 'POST', headers, body })
    const exchange = (token: string, { headers, body } = Object.values(exchangers)[0] as (typeof exchangers)[string]) =>
      post('/oidc/token', headers, body(token))
    const granted = async (token: string): Promise<string> => {
      const { status, text } = await exchange(token)
      if (status !== 200) throw new Error(`${status}: ${text}`)
      const answer = JSON.parse(text)
      leaks.learnFromAnswer(answer, text)
      return answer.access_token
    }
    const bearer = (token: string): Header => ['Authorization', `Bearer ${token}`]
    const basic = (key: string, user = 'api'): Header => [
      'Authorization',
      `Basic ${Buffer.from(`${user}:${key}`).toString('base64')}`,
    ]
    /** Always there, and mostly empty. */
    const attributed = (username = '', email = ''): Header[] => [
      ['X-WANDB-USERNAME', username],
      ['X-WANDB-USER-EMAIL', email],
    ]
    const query = async (authorization: Header, body: Json, headers: readonly Header[] = [core, ...attributed()]) => {
      const sent = await post('/graphql', [...headers, asJson, authorization, gzip], JSON.stringify(body))
      return { status: sent.status, body: JSON.parse(sent.text) as { data?: Json; errors?: { message: string }[] } }
    }
    const viewer = (authorization: Header) =>
      query(authorization, { query: wandbQueries.viewer, operationName: 'Viewer' })
    const upsert = async (authorization: Header, variables: Json, headers: Header[] = attributed()) => {
      const body = { query: wandbQueries.upsertBucket, operationName: 'UpsertBucket', variables }
      const sent = await query(authorization, body, [core, ...headers])
      const { bucket } = (sent.body.data?.upsertBucket ?? {}) as {
        bucket?: { project: { name: string; entity: Json } }
      }
      return { ...sent, project: bucket && `${bucket.project.entity.name}/${bucket.project.name}` }
    }
    const stream = (authorization: Header, project: string, run: string, body: Json = {}) =>
      post(`/files/${project}/${run}/file_stream`, [core, asJson, authorization, gzip], JSON.stringify(body))

    for (const [client, exchanger] of Object.entries(exchangers))
      it(`exchanges: ${client}`, async () => {
        const { status, headers, text } = await exchange(world.token({ aud: 'acme' }), exchanger)
        expect(status, text).to.equal(200)
        expect(headers['content-type']).to.match(/^application\/json\b/)
        expect(headers).to.include({ 'cache-control': 'no-store' })
        // 900.0 and "900" are retried until the client gives up.
        expect(text).to.match(/"expires_in":\d+[,}]/)
        const { access_token, expires_in } = JSON.parse(text)
        expect(access_token).to.be.a('string').that.is.not.equal('')
        expect(expires_in).to.be.above(300)
      })

    it('takes the same JWT again, for the organization’s name and for its URL', async () => {
      for (const aud of ['acme', world.audience]) {
        const token = world.token({ aud })
        const tokens = [await granted(token), await granted(token)]
        expect(new Set(tokens).size).to.equal(2)
        for (const each of tokens)
          expect((await viewer(bearer(each))).body.data?.viewer).to.include({ username: 'trainer' })
      }
    })

    it('says who it is: Viewer, and every field of the Public API’s viewer', async () => {
      const authorization = bearer(await granted(world.token()))
      const teams = { edges: [{ node: { name: 'ml' } }] }
      const who = { id: world.account.id, entity: 'ml', username: 'trainer', email: null, flags: '{}', teams }
      expect(await viewer(authorization)).to.deep.equal({ status: 200, body: { data: { viewer: who } } })
      const asPublicApi = (text: string) =>
        query(authorization, { query: text, variables: {}, operationName: '' }, [...publicApi, ...attributed()])
      const more = { name: 'trainer', admin: false, deletedAt: null, apiKeys: { edges: [] } }
      expect((await asPublicApi(wandbQueries.getViewer)).body).to.deep.equal({ data: { viewer: { ...who, ...more } } })
      expect((await asPublicApi(wandbQueries.defaultEntity)).body.data).to.deep.equal({
        viewer: { id: world.account.id, entity: 'ml' },
      })
    })

    it('follows a run from its first request to its last', async () => {
      const authorization = bearer(await granted(world.token()))
      const features = { query: wandbQueries.serverFeatures, operationName: 'ServerFeaturesQuery' }
      expect((await query(authorization, features)).body.data).to.deep.equal({ serverInfo: { features: [] } })
      const variables = { name: 'r1', project: 'vision', entity: null, config: '{"lr":{"value":0.1}}', tags: [] }
      expect(await upsert(authorization, variables)).to.include({ status: 200, project: 'ml/vision' })
      const organization = {
        query: wandbQueries.organization,
        operationName: 'OrganizationCoreWeaveOrganizationID',
        variables: { entityName: 'ml' },
      }
      expect((await query(authorization, organization)).status).to.equal(200)
      const files = {
        'wandb-history.jsonl': { offset: 0, content: ['{"loss":1}', '{"loss":0.5}'] },
        'wandb-summary.json': { offset: 0, content: ['{"loss":0.5}'] },
      }
      const streamed = await stream(authorization, 'ml/vision', 'r1', { files })
      expect(streamed).to.include({ status: 200, text: '{}' })
      const create = {
        query: wandbQueries.createRunFiles,
        operationName: 'CreateRunFiles',
        variables: { entity: 'ml', project: 'vision', run: 'r1', files: ['config.yaml'] },
      }
      const { createRunFiles } = (await query(authorization, create)).body.data as {
        createRunFiles: { files: { uploadUrl: string }[] }
      }
      const upload = new URL(createRunFiles.files[0]?.uploadUrl ?? '')
      // With no credential, and once.
      const put = () => ask(api.url, upload.pathname, { method: 'PUT', headers: [core], body: 'lr: 0.1' })
      expect([(await put()).status, (await put()).status]).to.deep.equal([200, 403])
      await stream(authorization, 'ml/vision', 'r1', { uploaded: ['config.yaml'], complete: true, exitcode: 0 })
      expect(api.runs.get('r1')).to.deep.equal({
        project: 'ml/vision',
        config: '{"lr":{"value":0.1}}',
        by: 'trainer',
        attribution: {},
        streamed: {
          'wandb-history.jsonl': files['wandb-history.jsonl'].content,
          'wandb-summary.json': ['{"loss":0.5}'],
        },
        uploaded: ['config.yaml'],
        exitcode: 0,
      })
      const resume = {
        query: wandbQueries.resumeStatus,
        operationName: 'RunResumeStatus',
        variables: { project: 'vision', entity: 'ml', name: 'r1' },
      }
      expect((await query(authorization, resume)).body).to.have.nested.property('data.model.bucket.name', 'r1')
    })

    it('a project that nobody has named is one of the account’s own team', async () => {
      const authorization = bearer(await granted(world.token()))
      expect(await upsert(authorization, { name: 'r2', project: null, entity: null })).to.include({
        project: 'ml/uncategorized',
      })
    })

    describe('whom a run is by', () => {
      const alice = { username: 'alice', email: 'alice@acme.example' }
      const cases: [string, Header[], Json][] = [
        ['nobody named: both headers, empty', attributed(), {}],
        ['a member, by username', attributed('alice'), { attributedTo: alice }],
        ['a member, by e-mail address', attributed('', 'alice@acme.example'), { attributedTo: alice }],
        ['an e-mail address in place of the username', attributed('alice@acme.example'), { attributedTo: alice }],
        ['somebody unknown', attributed('mallory'), { attributionIgnored: 'user_unknown' }],
        ['somebody of no team of it', attributed('acme-root'), { attributionIgnored: 'not_a_team_member' }],
      ]
      for (const [at, [who, headers, expected]] of cases.entries())
        it(who, async () => {
          const made = await upsert(bearer(await granted(world.token())), { name: `a${at}`, project: 'p' }, headers)
          expect(made).to.include({ status: 200, project: 'ml/p' })
          const { attributedTo, ...rest } = api.runs.get(`a${at}`)?.attribution ?? {}
          const { id: _, ...person } = attributedTo ?? {}
          expect({ ...rest, ...(attributedTo && { attributedTo: person }) }).to.deep.equal(expected)
        })

      it('a person’s own e-mail address, which the SDK fills in by itself, names nobody else and is no fault', async () => {
        const token = world.token({ sub: 'idp-7', email: 'alice@acme.example', email_verified: true })
        for (const authorization of [bearer(await granted(token)), basic(aliceKey)]) {
          const { body } = await viewer(authorization)
          const { email = '' } = (body.data?.viewer ?? {}) as { email?: string }
          expect(email).to.equal('alice@acme.example')
          const made = await upsert(authorization, { name: 'own', project: 'p', entity: 'ml' }, attributed('', email))
          expect(made).to.include({ project: 'ml/p' })
          expect(api.runs.get('own')).to.deep.include({ by: 'alice', attribution: {} })
        }
      })
    })

    it('an API key as the password of Basic, whoever the user is called', async () => {
      // What the SDK asks of a key before it sends it, in old versions and new.
      expect(world.apiKey).to.match(/^\w{40,}$/)
      for (const user of ['api', '', 'user'])
        expect((await viewer(basic(world.apiKey, user))).body.data?.viewer).to.include({
          username: 'robot',
          entity: 'ml',
        })
      const made = await upsert(basic(world.apiKey), { name: 'k1', project: 'vision' })
      expect(made).to.include({ project: 'ml/vision' })
      expect((await stream(basic(world.apiKey), 'ml/vision', 'k1')).status).to.equal(200)
    })

    it('a refusal is final, flat JSON, and says what is wrong', async () => {
      await world.external('twin-1', 'twins')
      await world.external('twin-2', 'twins')
      const old = Math.floor(Date.now() / 1000) - 7_200
      const cases: [string, string][] = [
        ['no_account_matches', world.token({ sub: 'stranger' })],
        ['account_ambiguous', world.token({ sub: 'twins' })],
        ['token_expired', world.token({ iat: old, exp: old + 300 })],
        ['audience_not_accepted', world.token({ aud: 'another' })],
        ['issuer_not_trusted', world.token({ iss: 'https://stranger.example' })],
        ['token_malformed', 'not-a-jwt'],
        ['parameter_missing', ''],
      ]
      for (const [reason, token] of cases) {
        const { status, headers, text } = await exchange(token)
        leaks.refuse(`the refusal ${reason}`, text)
        expect(status, reason).to.equal(400)
        expect(headers).to.not.have.property('www-authenticate')
        const body = JSON.parse(text)
        expect(body).to.have.all.keys('error', 'error_description', 'reason', 'request_id')
        expect(body.reason).to.equal(reason)
        expect(body.error).to.equal(reason === 'parameter_missing' ? 'invalid_request' : 'invalid_grant')
        for (const value of Object.values(body)) expect(value).to.be.a('string').that.is.not.equal('')
      }
    })

    it('the trail knows who asked through the proxy', async () => {
      const body = `grant_type=${grant}&assertion=${world.token({ sub: 'stranger' })}`
      const sent = { method: 'POST', headers: [core, asForm, gzip], body, from: '127.0.0.9' }
      const { request_id } = JSON.parse((await ask(api.url, `${path}/oidc/token`, sent)).text)
      const [event] = (await world.auditOf(request_id)) as unknown as { client: Json }[]
      expect(event?.client).to.deep.equal({ ip: '127.0.0.9', user_agent: 'wandb-core' })
    })

    it('what may not be is told in the errors of GraphQL, and stops the stream', async () => {
      await world.make('/teams', { name: 'other' })
      const reader = await world.external('reader', 'reads', { access: 'read' })
      expect(reader.name).to.equal('reader')
      const saying = async (authorization: Header, variables: Json) => {
        const { status, body } = await upsert(authorization, variables)
        return { status, message: body.errors?.[0]?.message }
      }
      const trainer = bearer(await granted(world.token()))
      expect(await saying(trainer, { name: 'd1', project: 'vision', entity: 'other' })).to.deep.equal({
        status: 200,
        message: 'no write access to the project other/vision: other_team',
      })
      const reads = bearer(await granted(world.token({ sub: 'reads' })))
      const denied = await saying(reads, { name: 'd2', project: 'vision' })
      expect(denied.message).to.match(/^no write access to the project ml\/vision: \w+$/)
      expect((await stream(reads, 'ml/vision', 'd2')).status).to.equal(403)
    })

    it('a revoked token, a deleted key and no credential are 401 with a message', async () => {
      const token = await granted(world.token())
      const made = await world.make(`${world.accounts}/robot/keys`, { name: 'short' })
      const key = String(made.secret)
      expect([(await viewer(bearer(token))).status, (await viewer(basic(key))).status]).to.deep.equal([200, 200])
      await must(call(service, 'POST', '/oauth/revoke', { form: { token } }))
      await must(world.api('DELETE', `${world.accounts}/robot/keys/${made.id}`))
      for (const gone of [bearer(token), basic(key), basic(''), bearer('nothing')]) {
        const { status, body } = await viewer(gone)
        expect(status).to.equal(401)
        expect(body.errors?.[0]?.message).to.be.a('string').that.is.not.equal('')
        expect((await stream(gone, 'ml/vision', 'r1')).status).to.equal(401)
      }
    })

    it('what the API saw is what the SDK sends: attribution on /graphql alone', () => {
      const named = (one: { headers: Said['headers'] }) => 'x-wandb-username' in one.headers
      expect(api.requests.filter(named).every(({ url }) => url === `${path}/graphql`)).to.equal(true)
      const exchanged = api.requests.filter(({ url }) => url === `${path}/oidc/token`)
      expect(exchanged.filter(({ headers }) => headers.authorization !== undefined)).to.deep.equal([])
    })
  })
