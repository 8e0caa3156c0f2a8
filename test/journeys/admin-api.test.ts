/** The admin API's manners: problems, cursors, ETags, repeats, names; and the objects that it keeps. */
import { expect } from 'chai'
import { type Answer, call, type Service, startService } from '../support/server.ts'

describe('journey: the admin API', () => {
  let service: Service
  let admin: string
  const api = (
    method: string,
    path: string,
    json?: unknown,
    headers?: Record<string, string>,
    secret = admin,
  ): Promise<Answer> =>
    call(service, method, `/api/v1${path}`, {
      secret,
      ...(json === undefined ? {} : { json }),
      ...(headers ? { headers } : {}),
    })

  before(async () => {
    service = await startService()
    const made = await api(
      'POST',
      '/orgs',
      { name: 'acme', first_admin: { username: 'ada', email: 'Ada@acme.example' } },
      {},
      service.operatorKey,
    )
    expect(made.status).to.equal(201)
    admin = String(made.body.api_key)
    await api('POST', '/orgs/acme/teams', { name: 'core' })
  })
  after(() => service?.close())

  it('answers 401 with a challenge to nobody, and says no more to a wrong key', async () => {
    const nobody = await call(service, 'GET', '/api/v1/me')
    expect(nobody.status).to.equal(401)
    expect(nobody.headers.get('www-authenticate')).to.equal('Bearer realm="countersign"')
    expect(nobody.headers.get('content-type')).to.match(/^application\/problem\+json/)
    expect(nobody.body).to.include({
      status: 401,
      reason: 'unauthenticated',
      request_id: nobody.headers.get('x-request-id'),
    })
    const wrong = await api('GET', '/me', undefined, {}, `csk_${'a'.repeat(49)}`)
    expect(wrong.headers.get('www-authenticate')).to.contain('error="invalid_token"')
  })

  it('takes a key as Basic password, whatever the user name', async () => {
    const basic = Buffer.from(`api:${admin}`).toString('base64')
    const me = await call(service, 'GET', '/api/v1/me', { headers: { authorization: `Basic ${basic}` } })
    expect(me.body).to.deep.include({ type: 'user', name: 'ada', org: 'acme', role: 'admin', teams: [] })
  })

  it('creates, reads, changes and deletes a team, with Location and ETag', async () => {
    const made = await api('POST', '/orgs/acme/teams', { name: 'ml' })
    expect(made.status).to.equal(201)
    expect(made.headers.get('location')).to.equal(`${service.publicUrl}/api/v1/orgs/acme/teams/ml`)
    expect(made.body.id).to.match(/^team_[0-9a-hjkmnp-tv-z]{26}$/)
    const read = await api('GET', `/orgs/acme/teams/${made.body.id}`)
    const etag = read.headers.get('etag') as string
    expect(read.body).to.deep.equal(made.body)
    expect(read.headers.get('cache-control')).to.equal('no-store')
    const changed = await api(
      'PATCH',
      '/orgs/acme/teams/ml',
      { display_name: 'Machine learning' },
      { 'if-match': etag },
    )
    expect(changed.body).to.include({ display_name: 'Machine learning' })
    expect(changed.headers.get('etag')).to.not.equal(etag)
    const late = await api('PATCH', '/orgs/acme/teams/ml', { display_name: null }, { 'if-match': etag })
    expect(late).to.deep.include({ status: 412 })
    expect((await api('DELETE', '/orgs/acme/teams/ml', undefined, { 'if-match': etag })).status).to.equal(412)
    expect((await api('PATCH', '/orgs/acme/teams/ml', { display_name: null })).body).to.include({ display_name: null })
    expect((await api('DELETE', '/orgs/acme/teams/ml')).status).to.equal(204)
    expect((await api('GET', '/orgs/acme/teams/ml')).body).to.include({ reason: 'not_found', status: 404 })
  })

  describe('creates with Location and ETag, where it is read again', () => {
    let key: string
    before(async () => {
      const founder = { username: 'root', email: 'root@located.example' }
      const body = { name: 'located', first_admin: founder }
      key = String((await api('POST', '/orgs', body, {}, service.operatorKey)).body.api_key)
    })
    const jwks = { keys: [{ kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo', kid: 'k' }] }
    /** In this order: the later ones stand under the earlier ones. */
    for (const [noun, path, json, secret] of [
      ['user', '/users', { username: 'grace', email: 'grace@acme.example' }],
      ['key of a user', '/users/grace/keys', { name: 'laptop' }, 'secret'],
      ['team', '/teams', { name: 'made' }],
      ['issuer', '/issuers', { name: 'made', issuer: 'https://made.example', jwks }],
      ['account of a team', '/teams/made/service-accounts', { name: 'made', method: 'federated' }],
      ['trust policy', '/teams/made/service-accounts/made/trust-policies', { issuer: 'made', subject: 's' }],
      ['account of the organization', '/service-accounts', { name: 'wide', default_team: 'made' }, 'api_key'],
      ['key of an account', '/service-accounts/wide/keys', { name: 'next' }, 'secret'],
      ['resource server', '/resource-servers', { name: 'made', audience: 'https://api.example' }, 'api_key'],
      ['key of a resource server', '/resource-servers/made/keys', { name: 'next' }, 'secret'],
    ] as const) {
      it(noun, async () => {
        const made = await api('POST', `/orgs/located${path}`, json, {}, key)
        expect(made.status, JSON.stringify(made.body)).to.equal(201)
        const base = `${service.publicUrl}/api/v1`
        const location = made.headers.get('location') as string
        expect(location.slice(0, base.length)).to.equal(base)
        const read = await api('GET', location.slice(base.length), undefined, {}, key)
        expect([read.status, read.headers.get('etag')]).to.deep.equal([200, made.headers.get('etag')])
        const { [secret ?? '']: once, ...shown } = made.body
        if (secret) expect(once).to.match(/^csk_/)
        // Of a user alone it is said, too, in which teams they are.
        expect(read.body).to.deep.equal(noun === 'user' ? { ...shown, teams: [] } : shown)
      })
    }
  })

  const bad: [
    why: string,
    method: string,
    path: string,
    json: unknown,
    status: number,
    reason: string,
    field?: string,
  ][] = [
    ['an unknown member', 'POST', '/orgs/acme/teams', { name: 'x', colour: 'red' }, 422, 'body_invalid'],
    [
      'a name that reads like an API key',
      'POST',
      '/orgs/acme/teams',
      { name: `csk_${'a'.repeat(30)}` },
      422,
      'body_invalid',
      'name',
    ],
    ['a name that is no slug', 'POST', '/orgs/acme/teams', { name: 'Not A Slug' }, 422, 'body_invalid', 'name'],
    ['a missing member', 'POST', '/orgs/acme/users', { username: 'x' }, 422, 'body_invalid', 'email'],
    ['a list as body', 'POST', '/orgs/acme/teams', [], 422, 'body_invalid', ''],
    ['a text as body', 'POST', '/orgs/acme/teams', 'x', 422, 'body_invalid', ''],
    ['null as body', 'POST', '/orgs/acme/teams', null, 422, 'body_invalid', ''],
    [
      'a name that looks like an id',
      'POST',
      '/orgs/acme/teams',
      { name: `team_${'0'.repeat(26)}` },
      422,
      'body_invalid',
      'name',
    ],
    [
      'the installation as the audience of a resource server',
      'POST',
      '/orgs/acme/resource-servers',
      { name: 'x', audience: 'PUBLIC_URL' },
      409,
      'audience_taken',
    ],
    ['a limit out of range', 'GET', '/orgs/acme/teams?limit=201', undefined, 400, 'query_invalid', 'limit'],
    ['an unknown query parameter', 'GET', '/orgs/acme/teams?colour=red', undefined, 400, 'query_invalid'],
    ['an unknown path', 'GET', '/orgs/acme/colours', undefined, 404, 'not_found'],
    ['a method that is not there', 'PUT', '/orgs/acme/teams', {}, 405, 'method_not_allowed'],
    [
      'two sources of keys',
      'POST',
      '/orgs/acme/issuers',
      { name: 'x', issuer: 'https://x.example', jwks_uri: 'https://x.example/k', jwks: { keys: [{ kty: 'EC' }] } },
      422,
      'body_invalid',
      'jwks',
    ],
    [
      'an uploaded key that is unfit',
      'POST',
      '/orgs/acme/issuers',
      { name: 'x', issuer: 'https://x.example', jwks: { keys: [{ kty: 'oct', k: 'AAAA' }] } },
      422,
      'body_invalid',
      'jwks',
    ],
    [
      'conditions, which would not be looked at',
      'POST',
      '/orgs/acme/teams/core/service-accounts',
      {
        name: 'x',
        method: 'federated',
        trust: { issuer: 'x', subject: 's', conditions: [{ claim: 'a', op: 'exists' }] },
      },
      422,
      'body_invalid',
    ],
    [
      'an organization-scoped account without a default team',
      'POST',
      '/orgs/acme/service-accounts',
      { name: 'x' },
      422,
      'body_invalid',
      'default_team',
    ],
    [
      'an organization-scoped External account',
      'POST',
      '/orgs/acme/service-accounts',
      { name: 'x', default_team: 'core', method: 'federated' },
      422,
      'body_invalid',
      'method',
    ],
  ]
  describe('refuses', () => {
    for (const [why, method, path, json, status, reason, field] of bad) {
      it(why, async () => {
        const body = JSON.parse(JSON.stringify(json ?? null).replace('PUBLIC_URL', service.publicUrl))
        const answer = await api(method, path, json === undefined ? undefined : body)
        expect(answer.body).to.include({ status, reason })
        if (field !== undefined)
          expect((answer.body.errors as { path: string }[]).map((error) => error.path)).to.include(field)
      })
    }
    it('a body that is no JSON with 400, and one that is not said to be JSON with 415', async () => {
      const headers = { authorization: `Bearer ${admin}`, 'content-type': 'application/json' }
      const broken = await fetch(`${service.url}/api/v1/orgs/acme/teams`, { method: 'POST', headers, body: '{"name":' })
      expect(broken.status).to.equal(400)
      const plain = await fetch(`${service.url}/api/v1/orgs/acme/teams`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'text/plain' },
        body: '{}',
      })
      expect(plain.status).to.equal(415)
    })
    it('a taken name with 409, in every noun', async () => {
      await api('POST', '/orgs/acme/users', { username: 'bob', email: 'bob@acme.example' })
      expect((await api('POST', '/orgs/acme/teams', { name: 'core' })).body).to.include({
        status: 409,
        reason: 'name_taken',
      })
      expect((await api('POST', '/orgs/acme/users', { username: 'bob', email: 'b2@acme.example' })).status).to.equal(
        409,
      )
      expect((await api('POST', '/orgs/acme/users', { username: 'bob2', email: 'BOB@acme.example' })).status).to.equal(
        409,
      )
      expect((await api('POST', '/orgs', { name: 'acme' }, {}, service.operatorKey)).status).to.equal(409)
    })
  })

  it('gives the same answer for the same Idempotency-Key, the secret too, and refuses it for another body', async () => {
    const headers = { 'idempotency-key': 'once-1' }
    const body = { name: 'robot', default_team: 'core' }
    const [first, second] = await Promise.all(
      [1, 2].map(() => api('POST', '/orgs/acme/service-accounts', body, headers)),
    )
    expect(first?.status).to.equal(201)
    expect(second?.body).to.deep.equal(first?.body)
    const other = await api('POST', '/orgs/acme/service-accounts', { ...body, name: 'robot2' }, headers)
    expect(other.body).to.include({ status: 422, reason: 'idempotency_key_reused' })
    const events = await api('GET', '/orgs/acme/audit-events?type=service_account.create&target=robot')
    expect(events.body.items).to.have.length(1)
  })

  it('pages by cursor through everything once', async () => {
    for (let i = 0; i < 5; i++) await api('POST', '/orgs/acme/teams', { name: `page-${i}` })
    const seen: string[] = []
    let cursor: string | null = null
    do {
      const page: Answer = await api('GET', `/orgs/acme/teams?limit=2${cursor ? `&cursor=${cursor}` : ''}`)
      seen.push(...(page.body.items as { name: string }[]).map(({ name }) => name))
      cursor = page.body.next_cursor as string | null
    } while (cursor)
    expect(new Set(seen).size).to.equal(seen.length)
    expect(seen).to.include.members(['page-0', 'page-4', 'core'])
  })

  it('keeps keys: a secret once, a hint after, External accounts have none', async () => {
    const account = await api('POST', '/orgs/acme/teams/core/service-accounts', { name: 'built-in', method: 'api_key' })
    expect(account.body.api_key).to.match(/^csk_[0-9A-Za-z]{49}$/)
    const keys = '/orgs/acme/teams/core/service-accounts/built-in/keys'
    const made = await api('POST', keys, { name: 'second' })
    const secret = String(made.body.secret)
    expect(made.body.hint).to.equal(`${secret.slice(0, 8)}…${secret.slice(-4)}`)
    const list = await api('GET', keys)
    expect(JSON.stringify(list.body)).to.not.contain(secret).and.not.contain('digest')
    expect(list.body.items).to.have.length(2)
    const past = await api('POST', keys, { expires_at: '2020-01-01T00:00:00Z' })
    expect(past.status).to.equal(422)
    await api('POST', '/orgs/acme/teams/core/service-accounts', { name: 'external', method: 'federated' })
    const none = await api('POST', '/orgs/acme/teams/core/service-accounts/external/keys', {})
    expect(none.body).to.include({ status: 422, reason: 'body_invalid' })
  })

  it('lists all accounts with filters, and finds a team account by id under the organization', async () => {
    const all = (await api('GET', '/orgs/acme/service-accounts')).body.items as { name: string; id: string }[]
    expect(all.map(({ name }) => name)).to.include.members(['robot', 'built-in', 'external'])
    const names = async (query: string) =>
      ((await api('GET', `/orgs/acme/service-accounts?${query}`)).body.items as { name: string }[]).map(
        ({ name }) => name,
      )
    expect(await names('scope=organization')).to.deep.equal(['robot'])
    expect(await names('team=core&method=federated')).to.deep.equal(['external'])
    expect(await names('q=uilt')).to.deep.equal(['built-in'])
    expect(await names('scope=&team=&method=&q=')).to.deep.equal(all.map(({ name }) => name))
    const id = all.find(({ name }) => name === 'external')?.id
    expect((await api('GET', `/orgs/acme/service-accounts/${id}`)).body).to.include({ name: 'external', team: 'core' })
    expect((await api('GET', '/orgs/acme/service-accounts/external')).status).to.equal(404)
  })

  it('does not delete the default team of an account', async () => {
    expect((await api('DELETE', '/orgs/acme/teams/core')).body).to.include({ status: 409, reason: 'in_use' })
  })

  it('gives an issuer URL and audience to one registration, and keeps the names of others', async () => {
    const jwks = { keys: [{ kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }] }
    const other = await api(
      'POST',
      '/orgs',
      { name: 'other', first_admin: { username: 'eve', email: 'eve@other.example' } },
      {},
      service.operatorKey,
    )
    const eve = String(other.body.api_key)
    const mine = { name: 'ci', issuer: 'https://ci.example', jwks, audiences: ['shared'] }
    expect((await api('POST', '/orgs/acme/issuers', mine)).status).to.equal(201)
    expect((await api('POST', '/orgs/other/issuers', mine, {}, eve)).body).to.include({
      status: 409,
      reason: 'audience_taken',
    })
    for (const audience of ['acme', `${service.publicUrl}/orgs/acme`, `${service.publicUrl}/orgs/nobody-yet`]) {
      const greedy = { ...mine, issuer: 'https://greedy.example', audiences: [audience] }
      expect((await api('POST', '/orgs/other/issuers', greedy, {}, eve)).body, audience).to.include({
        status: 409,
        reason: 'audience_taken',
      })
    }
    const free = await api('POST', '/orgs/other/issuers', { name: 'ci', issuer: 'https://ci.example', jwks }, {}, eve)
    expect(free.body.audiences).to.deep.equal(['other', `${service.publicUrl}/orgs/other`])
  })

  it('keeps a name from an organization whose tokens another one would catch', async () => {
    const jwks = { keys: [{ kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }] }
    const squat = { name: 'squat', issuer: 'https://shared.example', jwks, audiences: ['newco', 'mine'] }
    expect((await api('POST', '/orgs/acme/issuers', squat)).status).to.equal(201)
    const newco = () => api('POST', '/orgs', { name: 'newco' }, {}, service.operatorKey)
    const kept = (await newco()).body
    expect(kept).to.include({ status: 409, reason: 'audience_taken' })
    expect(kept.detail).to.contain('the issuer squat of the organization acme')
    await api('PATCH', '/orgs/acme/issuers/squat', { audiences: ['mine'] })
    expect((await newco()).status).to.equal(201)
    const again = await api('PATCH', '/orgs/acme/issuers/squat', { audiences: ['newco'] })
    expect(again.body).to.include({ status: 409, reason: 'audience_taken' })
  })

  it('says first that a name is taken, where an audience is too', async () => {
    const body = { name: 'twice', audience: 'https://twice.acme.example' }
    expect((await api('POST', '/orgs/acme/resource-servers', body)).status).to.equal(201)
    expect((await api('POST', '/orgs/acme/resource-servers', body)).body).to.include({ reason: 'name_taken' })
    const other = await api('POST', '/orgs/acme/resource-servers', { ...body, name: 'other' })
    expect(other.body).to.include({ status: 409, reason: 'audience_taken' })
  })

  it('knows an object that was made anew under a name from the one that was read', async () => {
    const made = await api('POST', '/orgs/acme/teams', { name: 'reused' })
    const etag = String(made.headers.get('etag'))
    await api('DELETE', '/orgs/acme/teams/reused')
    await api('POST', '/orgs/acme/teams', { name: 'reused' })
    const late = await api('PATCH', '/orgs/acme/teams/reused', { display_name: 'x' }, { 'if-match': etag })
    expect(late.body).to.include({ status: 412, reason: 'precondition_failed' })
  })

  it('keeps of an uploaded key what says something, and reads no body that nests without end', async () => {
    const key = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo', kid: 'a' }
    const fat = { name: 'fat', issuer: 'https://fat.example', jwks: { keys: [{ ...key, note: 'x'.repeat(100_000) }] } }
    expect((await api('POST', '/orgs/acme/issuers', fat)).body.jwks).to.deep.equal({ keys: [key] })
    const headers = { authorization: `Bearer ${admin}`, 'content-type': 'application/json' }
    const send = async (body: string) =>
      (await fetch(`${service.url}/api/v1/orgs/acme/issuers`, { method: 'POST', headers, body })).status
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`
    expect(
      await send(JSON.stringify({ ...fat, name: 'deep' }).replace('"keys":[', `"keys":[{"zz":${deep}},`)),
    ).to.equal(400)
    expect(await send('{"name":"a","name":"b"}')).to.equal(400)
    const named = { ...fat, name: 'named', jwks: { keys: [{ ...key, kid: 'k'.repeat(2_000) }] } }
    expect(await send(JSON.stringify(named))).to.equal(422)
  })

  it('puts a member of an issuer that is null back to what it is by itself', async () => {
    const jwks = { keys: [{ kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }] }
    const body = {
      name: 'nulls',
      issuer: 'https://nulls.example',
      jwks,
      audiences: ['nulls'],
      clock_tolerance: 5,
      users: true,
    }
    await api('POST', '/orgs/acme/issuers', { ...body, algorithms: ['ES256'], max_token_age: 100 })
    const back = { clock_tolerance: null, algorithms: null, max_token_age: null, users: null, audiences: null }
    const { body: after } = await api('PATCH', '/orgs/acme/issuers/nulls', back)
    expect(after).to.include({ clock_tolerance: 60, max_token_age: 86_400, users: false })
    expect(after.algorithms).to.have.length(11)
    expect(after.audiences).to.deep.equal(['acme', `${service.publicUrl}/orgs/acme`])
  })

  it('names the issuer of a policy in an organization with more than a page of them', async () => {
    const jwks = { keys: [{ kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }] }
    for (let i = 0; i < 205; i += 41) {
      const some = Array.from({ length: 41 }, (_, j) => `many-${i + j}`)
      await Promise.all(
        some.map((name) =>
          api('POST', '/orgs/acme/issuers', { name, issuer: `https://${name}.example`, jwks, audiences: [name] }),
        ),
      )
    }
    const account = { name: 'last', method: 'federated', trust: { issuer: 'many-204', subject: 's' } }
    await api('POST', '/orgs/acme/teams/core/service-accounts', account)
    const { items } = (await api('GET', '/orgs/acme/teams/core/service-accounts/last/trust-policies')).body
    expect((items as { issuer: string }[])[0]?.issuer).to.equal('many-204')
  })

  it('tells a service account whose it is and what it may do', async () => {
    const made = [
      ['/orgs/acme/teams/core/service-accounts', { name: 'of-core', access: 'read' }],
      ['/orgs/acme/service-accounts', { name: 'of-all', default_team: 'core' }],
    ] as const
    const seen: unknown[] = []
    for (const [path, json] of made) {
      const { body } = await api('POST', path, { ...json, method: 'api_key' })
      const me = await call(service, 'GET', '/api/v1/me', { secret: String(body.api_key) })
      seen.push(me.body)
      expect(me.body.id).to.equal(body.id)
    }
    const both = { type: 'service_account', org: 'acme', admin: false }
    expect(seen.map((me) => ({ ...(me as object), id: undefined }))).to.deep.equal([
      { ...both, name: 'of-core', team: 'core', access: 'read', id: undefined },
      { ...both, name: 'of-all', team: null, access: 'write', id: undefined },
    ])
  })

  it('describes every route, and shows it', async () => {
    const { body } = await call(service, 'GET', '/api/v1/openapi.json')
    expect(body.openapi).to.equal('3.1.0')
    const paths = body.paths as Record<string, object>
    expect(Object.keys(paths)).to.include.members([
      '/oauth/token',
      '/api/v1/orgs',
      '/api/v1/orgs/{org}/issuers/{issuer}/check',
    ])
    const docs = await call(service, 'GET', '/docs')
    expect(docs.headers.get('content-type')).to.match(/^text\/html/)
    for (const [, asset] of String(docs.body.text).matchAll(/(?:src|href)="([^"]+)"/g))
      expect((await call(service, 'GET', `/${asset}`)).status, asset).to.equal(200)
  })
})
