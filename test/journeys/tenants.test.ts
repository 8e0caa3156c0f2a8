/**
 * Another organization’s objects are not there: every operation that is described, asked by every kind of caller of
 * another organization, of objects that exist, with what would be done for whoever has the right.
 */
import { expect } from 'chai'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { questionOf } from '../support/resource-server.ts'
import {
  type Asked,
  isAllowed,
  leastFor,
  type Need,
  operationsOf,
  type Row,
  rights,
  statusOf,
} from '../support/rights.ts'
import { type Answer, call, type Service, startService } from '../support/server.ts'
import { until } from '../support/stopwatch.ts'
import { type Credential, createTenant, type Form, type Role, sharedAudience, type Tenant } from '../support/tenant.ts'
import { askFor, must } from '../support/world.ts'

const forms: readonly Form[] = [{ by: 'id' }, { by: 'name' }]
const nowhere = 'nowhere'
const idIn = /\b(?:org|user|team|proj|iss|sa|tp|key|rs|evt|req)_[0-9a-z]{26}\b/g
/** The id of nothing, of the same noun. */
const idOfNothing = (id: string) => id.replace(/_.*/, `_${'0'.repeat(25)}1`)
const cursorAt = (text: string) => Buffer.from(text).toString('base64url')

describe('journey: another organization', function () {
  this.timeout(120_000)
  let provider: Provider
  let service: Service
  /** Whose objects are asked for, and who asks. */
  let acme: Tenant
  let globex: Tenant
  let operations: [method: string, path: string][]
  let known: Record<string, unknown>
  let learnedIn: number
  /** Ids that the first organization alone has. */
  let secret: Set<string>
  const strangers: { who: string; role?: Role; secret?: string }[] = []
  const nobodies: { who: string; secret?: string }[] = [
    { who: 'nobody' },
    { who: 'a key that is none', secret: `csk_${'a'.repeat(49)}` },
    { who: 'garbage', secret: 'a.b.c' },
  ]

  before(async () => {
    provider = await startProvider()
    service = await startService({ env: { LIMIT_FAILED_PER_MINUTE: '0' } })
    acme = await createTenant(service, provider, 'acme')
    globex = await createTenant(service, provider, 'globex')
    operations = operationsOf((await call(service, 'GET', '/api/v1/openapi.json')).body)
    const of = ({ role, by, secret }: Credential) => ({ who: `${role}, by ${by}`, role, secret })
    strangers.push(...globex.credentials.map(of))
    const ended = await globex.make('/users/globex-member/keys', {})
    await must(globex.api('DELETE', `/users/globex-member/keys/${ended.id}`))
    nobodies.push({ who: 'a key that was revoked', secret: String(ended.secret) })
    await learn()
    const theirs = new Set(JSON.stringify(await stateOf(globex)).match(idIn))
    secret = new Set((JSON.stringify(known).match(idIn) ?? []).filter((id) => !theirs.has(id)))
  })
  after(async () => {
    await service?.close()
    await provider?.close()
  })

  /** All that its admin can read of an organization: objects with their tags, and the trail to its last line. */
  async function stateOf(tenant: Tenant): Promise<Record<string, unknown>> {
    const secret = tenant.adminKey
    const headers = { accept: 'application/x-ndjson' }
    const trail = await call(service, 'GET', `${tenant.path}/audit-events`, { secret, headers })
    const state: Record<string, unknown> = { trail: trail.body.text }
    const paths = operations.filter(([method, path]) => method === 'GET' && path.startsWith('/api/v1/orgs/{org}'))
    for (const project of ['restricted', 'of the team'] as const)
      for (const [, path] of paths.filter(([, path]) => !path.endsWith('audit-events'))) {
        const at = tenant.fill(path, { project })
        const query = path.endsWith('}') ? '' : path.endsWith('exchange-stats') ? span : '?limit=200'
        const { status, headers, body } = await call(service, 'GET', `${at}${query}`, { secret })
        expect(status, at).to.equal(200)
        // A day ago is another time each time.
        const { exchanges } = body as { exchanges?: object }
        state[at] = [headers.get('etag'), exchanges ? { ...body, exchanges: { ...exchanges, since: null } } : body]
      }
    return state
  }
  /** The same whenever it is asked. */
  const [from, to] = [-3_600_000, 3_600_000].map((ms) => new Date(Date.now() + ms).toISOString())
  const span = `?from=${from}&to=${to}`
  const hour = () => Math.floor(Date.now() / 3_600_000)
  async function learn() {
    learnedIn = hour()
    // What is recorded at a key's first use in an hour is no trace of a stranger; that of the robot is left unused.
    const used: unknown[] = []
    for (const { secret } of acme.credentials) {
      const { body } = await call(service, 'GET', '/api/v1/me', { secret })
      if (secret.startsWith('csk_') && body.type === 'service_account') used.push(body.id)
    }
    // When an account was used is told behind the back of whoever used it.
    await until(async () => {
      const { body } = await call(service, 'GET', `${acme.path}/service-accounts?limit=200`, { secret: acme.adminKey })
      const rows = body.items as { id: string; last_used_at: string | null }[]
      return rows.every(
        ({ id, last_used_at: at }) => !used.includes(id) || Date.parse(at ?? '') >= learnedIn * 3_600_000,
      )
    })
    known = await stateOf(acme)
  }
  async function nothingChanged() {
    const now = await stateOf(acme)
    if (hour() !== learnedIn) return learn()
    expect(now).to.deep.equal(known)
  }

  /** What an answer says, but for what tells one request from another. */
  const saying = ({ status, headers, body }: Answer) => {
    const { request_id: _, ...said } = body
    const told = ['etag', 'location', 'allow', 'www-authenticate', 'retry-after', 'content-type'].map((name) =>
      headers.get(name),
    )
    return { status, said, told }
  }
  /** The same, with what was sent called the same. */
  const sayingOf = (answer: Answer, sent: readonly string[]) =>
    sent.reduce((text, word) => text.replaceAll(word, '…'), JSON.stringify(saying(answer)))

  /** A call whose answer tells of the first organization nothing but what the caller said. */
  async function ask(
    method: string,
    path: string,
    credential: { secret?: string },
    asked: Asked = {},
  ): Promise<Answer> {
    const { json, form, query = '' } = asked
    const answer = await call(service, method, path + query, {
      ...(credential.secret === undefined ? {} : { secret: credential.secret }),
      ...(json === undefined ? {} : { json }),
      ...(form === undefined ? {} : { form }),
    })
    const text = JSON.stringify([answer.body, ...answer.headers])
    const sent = decodeURIComponent(path + query) + JSON.stringify(asked)
    const told = [...(text.match(idIn) ?? []).filter((id) => secret.has(id)), ...(text.match(/\bacme[\w.@-]*/g) ?? [])]
    expect(
      told.filter((word) => !sent.includes(word)),
      `${method} ${path} tells`,
    ).to.deep.equal([])
    return answer
  }
  const isApi = (path: string) => path.startsWith('/api/v1/orgs/{org}')
  const rowOf = (method: string, path: string): Row => {
    const row = rights[`${method} ${path}`]
    if (!row) throw new Error(`${method} ${path} has no row in the table of rights: who may ask it?`)
    return row
  }

  it('each operation that is described has its row in the table of rights, and each row its operation', () => {
    expect(operations.map(([method, path]) => `${method} ${path}`).sort()).to.deep.equal(Object.keys(rights).sort())
    expect(operations.filter(([, path]) => isApi(path)).length).to.be.greaterThan(80)
  })

  it('answers 404 to every kind of caller of another organization, and the same as for what is nowhere', async () => {
    const absent = saying(await ask('GET', `/api/v1/orgs/${nowhere}`, { secret: globex.adminKey }))
    expect(absent.status).to.equal(404)
    expect(strangers.length).to.be.greaterThan(35)
    for (const stranger of strangers)
      for (const form of forms)
        await Promise.all(
          operations
            .filter(([, path]) => isApi(path))
            .map(async ([method, path]) => {
              const answer = await ask(method, acme.fill(path, form), stranger, rowOf(method, path).asked(acme))
              expect(saying(answer), `${method} ${path} as ${stranger.who}`).to.deep.equal(absent)
            }),
        )
    await nothingChanged()
  })

  it('answers 401 to whoever is nobody', async () => {
    for (const one of nobodies)
      for (const [method, path] of operations) {
        const row = rowOf(method, path)
        const { status } = await ask(method, acme.fill(path), one, row.asked(acme))
        expect(status, `${method} ${path} as ${one.who}`).to.equal(row.need === 'nothing' ? statusOf(method, row) : 401)
      }
    await nothingChanged()
  })

  it('answers what names no organization by the caller’s own rights, about their own alone', async () => {
    const elsewhere = operations.filter(([, path]) => !isApi(path))
    for (const { who, role, ...stranger } of strangers)
      for (const [method, path] of elsewhere) {
        const row = rowOf(method, path)
        const expected = isAllowed(role as Role, method, row) ? statusOf(method, row) : row.no
        const { status, body } = await ask(method, acme.fill(path), stranger, row.asked(acme))
        expect(status, `${method} ${path} as ${who}`).to.equal(expected)
        if (path === '/oauth/introspect' && status === 200) expect(body, who).to.deep.equal({ active: false })
        if (path === '/api/v1/orgs' && status === 200)
          expect((body.items as { name: string }[]).map(({ name }) => name)).to.deep.equal(['globex'])
      }
    await nothingChanged()
  })

  /** The same question about the first organization's object and about nothing is answered the same, and never with a yes. */
  async function alike(
    credential: { secret?: string },
    there: string,
    question: (word: string) => [method: string, path: string, asked?: Asked],
    absent = idOfNothing(there) === there ? nowhere : idOfNothing(there),
  ) {
    const [method, path, asked = {}] = question(there)
    const answer = await ask(method, path, credential, asked)
    const [, otherPath, otherAsked = {}] = question(absent)
    const other = await ask(method, otherPath, credential, otherAsked)
    const what = `${method} ${path} ${JSON.stringify(asked)}`
    expect(sayingOf(answer, [there]), what).to.equal(sayingOf(other, [absent]))
    return { answer, what }
  }
  const refused = ({ answer, what }: Awaited<ReturnType<typeof alike>>, statuses: readonly number[]) =>
    expect(answer.status, `${what}: ${JSON.stringify(answer.body)}`).to.be.oneOf(statuses)

  it('finds none of its objects below another organization, whoever asks', async () => {
    const asking: Role[] = ['admin', 'team admin', 'team member']
    let walked = 0
    for (const role of asking)
      for (const [method, path] of operations.filter(([, path]) => isApi(path))) {
        const parameters = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string).slice(1)
        for (const parameter of parameters) {
          const { id, name } = acme.named(path, parameter, {})
          const { wide, narrow } = acme.objects
          const accounts = parameter === 'member' ? [wide.id, narrow.id] : []
          // By a name that the other has as well it is the other's own.
          for (const word of new Set(
            [id, name, ...accounts].filter((word) => secret.has(word) || word.startsWith('acme')),
          )) {
            const others = (value: string) => globex.fill(path.replace(`{${parameter}}`, value))
            const { asked } = rowOf(method, path)
            const tried = await alike({ secret: globex.secretOf(role) }, word, (value) => [
              method,
              others(value),
              asked(globex),
            ])
            refused(tried, role === 'admin' ? [404] : [404, 403])
            walked++
          }
        }
      }
    expect(walked).to.be.greaterThan(500)
    await nothingChanged()
  })

  it('takes none of its objects in a body', async () => {
    const { team, issuer, external, org } = acme.objects
    const accounts = `${globex.path}/service-accounts`
    const own = `${globex.path}/teams/ml/service-accounts`
    const policies = `${accounts}/${globex.objects.external.id}/trust-policies`
    const trust = (value: string) => ({ issuer: value, subject: 'x' })
    const bodies: [method: string, path: string, words: readonly string[], body: (value: string) => object][] = [
      ['POST', accounts, [team.id, 'acme-spare'], (value) => ({ name: 'taken', default_team: value })],
      ['PATCH', `${accounts}/globex-wide`, [team.id, 'acme-spare'], (value) => ({ default_team: value })],
      ['POST', own, [issuer.id, issuer.name], (value) => ({ name: 'taken', method: 'federated', trust: trust(value) })],
      ['POST', policies, [issuer.id, issuer.name], trust],
      ['PATCH', `${policies}/globex-policy`, [issuer.id, issuer.name], (value) => ({ issuer: value })],
      // What stands where an issuer should.
      ['POST', policies, [external.id], trust],
    ]
    for (const [method, path, words, body] of bodies)
      for (const word of words)
        refused(await alike({ secret: globex.adminKey }, word, (value) => [method, path, { json: body(value) }]), [422])
    // Its tokens would be caught; and whether there is such an organization is not said.
    const audience = (name: string) => ({
      json: { name: 'catcher', issuer: provider.issuer, audiences: [`${service.publicUrl}/orgs/${name}`] },
    })
    const caught = await alike({ secret: globex.adminKey }, org.name, (value) => [
      'POST',
      `${globex.path}/issuers`,
      audience(value),
    ])
    refused(caught, [409])
    // A pair is taken once in the installation, and so is a name: that it is taken is all that is told.
    for (const audiences of [['acme-audience'], ['acme']]) {
      const taken = { name: 'taken', issuer: 'https://issuer.acme.example', jwks_uri: provider.jwksUri, audiences }
      const { status } = await ask('POST', `${globex.path}/issuers`, { secret: globex.adminKey }, { json: taken })
      expect(status, String(audiences)).to.equal(409)
    }
    await nothingChanged()
  })

  it('lists nothing of it, whatever is searched for and wherever a page begins', async () => {
    const { team, user, external, wide } = acme.objects
    const admin = { secret: globex.adminKey }
    const trail = `${globex.path}/audit-events`
    const requestId = /"request_id":"(req_\w+)"/.exec(String(known.trail))?.[1] as string
    const searches: [path: string, name: string, words: readonly string[]][] = [
      [`${globex.path}/service-accounts`, 'team', [team.id, 'acme-spare']],
      [`${globex.path}/service-accounts`, 'q', ['acme-narrow', wide.id]],
      [trail, 'actor', [user.id, 'acme-root']],
      [trail, 'target', [external.id, 'acme-external']],
      [trail, 'request_id', [requestId]],
      [trail, 'team', [team.id, 'acme-spare']],
      [trail, 'service_account', [external.id]],
      [`${globex.path}/exchange-stats`, 'service_account', [external.id]],
    ]
    for (const [path, name, words] of searches)
      for (const word of words)
        await alike(admin, word, (value) => ['GET', path, { query: `?${name}=${encodeURIComponent(value)}` }])
    const lists = operations.filter(([method, path]) => method === 'GET' && isApi(path) && !path.endsWith('}'))
    for (const [, path] of lists)
      for (const cursor of [...secret].filter((id) => !id.startsWith('evt_') && !id.startsWith('req_')).slice(0, 40)) {
        const query = `?limit=200&cursor=${cursorAt(cursor)}`
        const { status } = await ask('GET', globex.fill(path), admin, { query })
        expect(status, `${path} ${cursor}`).to.equal(/audit-events$|exchange-stats$/.test(path) ? 400 : 200)
      }
    for (const seq of [1, 5, 10_000]) await ask('GET', trail, admin, { query: `?cursor=${cursorAt(String(seq))}` })
    await nothingChanged()
  })

  it('repeats to nobody what was answered to its admin under an Idempotency-Key', async () => {
    const headers = { 'idempotency-key': 'once' }
    const json = { name: 'acme-once' }
    const path = `${acme.path}/teams`
    const made = await call(service, 'POST', path, { secret: acme.adminKey, json, headers })
    expect(made.status).to.equal(201)
    for (const { secret, who } of strangers)
      expect((await call(service, 'POST', path, { secret: String(secret), json, headers })).status, who).to.equal(404)
    const own = await call(service, 'POST', `${globex.path}/teams`, { secret: globex.adminKey, json, headers })
    expect(own.body.id).not.to.equal(made.body.id)
    await must(globex.api('DELETE', '/teams/acme-once'))
    await learn()
  })

  it('introspection knows none of its tokens and keys, whoever of the other asks', async () => {
    const targeted = await acme.granted(acme.token(), { resource: sharedAudience })
    await learn()
    const may: Role[] = ['admin', 'admin account', 'read-only admin account', 'resource server']
    for (const value of [targeted, acme.apiKey, ...acme.credentials.map(({ secret }) => secret)]) {
      for (const role of may) {
        const { body } = await ask(
          'POST',
          '/oauth/introspect',
          { secret: globex.secretOf(role) },
          { form: { token: value } },
        )
        expect(body, role).to.deep.equal({ active: false })
      }
    }
    await nothingChanged()
    expect((await acme.introspect(targeted, acme.asking)).body).to.include({ active: true, aud: sharedAudience })
  })

  it('an evaluation of them is as one of nobody, nowhere, for nobody', async () => {
    const server = { secret: globex.asking }
    const own = { type: 'service_account', id: globex.objects.narrow.id }
    const { narrow, user, org } = acme.objects
    const evaluations: [words: readonly string[], question: (value: string) => object][] = [
      [[acme.apiKey, ...acme.credentials.map(({ secret }) => secret)], (value) => questionOf(value, 'read', 'ml/x')],
      [[narrow.id], (id) => questionOf({ type: 'service_account', id }, 'read', 'ml/x')],
      [[user.id, 'acme-user'], (id) => questionOf({ type: 'user', id }, 'read', 'ml/x')],
      [
        ['acme-other/x', 'acme-spare/acme-shared', 'ml/acme-shared', 'ml/acme-secret', 'ml/acme-kept'],
        (id) => questionOf(own, 'write', id),
      ],
      [
        ['acme-user', user.id, 'user@acme.example'],
        (username) => ({ ...questionOf(own, 'read', 'ml/x'), context: { attribution: { username } } }),
      ],
      [
        ['user@acme.example', `root@${org.name}.example`],
        (email) => ({ ...questionOf(own, 'read', 'ml/x'), context: { attribution: { email } } }),
      ],
    ]
    for (const [words, question] of evaluations)
      for (const word of words) {
        const absent = word.replace(/acme[\w-]*/g, nowhere).replace(/^user_.*|^sa_.*/, idOfNothing)
        const nobody = word.startsWith('csk_') || word.startsWith('ey') ? 'a.b.c' : absent
        await alike(server, word, (value) => ['POST', '/access/v1/evaluation', { json: question(value) }], nobody)
        const many = (value: string) => ({ json: { evaluations: [question(value), question(value)] } })
        await alike(server, word, (value) => ['POST', '/access/v1/evaluations', many(value)], nobody)
      }
    await nothingChanged()
  })

  it('forward auth lets nobody of the other in where it is demanded, and asks for no project of it', async () => {
    const inside = strangers.filter(({ role }) => role !== 'resource server')
    for (const { who: _, role: __, ...credential } of inside) {
      const verify = (query: string): [string, string, Asked] => ['GET', '/access/v1/verify', { query }]
      refused(await alike(credential, 'acme', (name) => verify(`?organization=${name}`)), [403])
      const demand = (name: string) => verify(`?organization=${name}&audience=${sharedAudience}`)
      refused(await alike(credential, 'acme', demand), [403])
      for (const project of ['acme-secret', 'acme-shared', 'acme-kept'])
        await alike(credential, project, (name) => verify(`?organization=globex&action=write&project=ml/${name}`))
    }
    // And where the other is demanded, nobody of this one.
    for (const { secret } of acme.credentials.filter(({ role }) => role !== 'resource server'))
      expect((await call(service, 'GET', '/access/v1/verify?organization=globex', { secret })).status).to.equal(403)
    await nothingChanged()
  })

  it('the token endpoint finds neither its accounts nor what they are for', async () => {
    const { external, narrow, org, server } = acme.objects
    const post = (form: Record<string, string>): [string, string, Asked] => ['POST', '/oauth/token', { form }]
    // A subject that the first one trusts, with the other's audience.
    for (const sub of ['acme-first', 'globex-first']) {
      const token = globex.token({ sub })
      for (const word of [external.id, narrow.id, 'ml/acme-external', org.id])
        refused(
          await alike({}, word, (service_account) => post(askFor('jwtBearer', token, { service_account }))),
          [400],
        )
    }
    const targets = [`https://acme.example`, `${service.publicUrl}/orgs/acme`, server.id]
    for (const key of [globex.apiKey, globex.adminKey])
      for (const target of targets) {
        const form = { grant_type: 'client_credentials', client_secret: key }
        const absent = target.replace('acme', nowhere).replace(/^rs_.*/, idOfNothing)
        refused(await alike({}, target, (resource) => post({ ...form, resource }), absent), [400])
      }
    await nothingChanged()
  })

  it('revokes by an id, a hint or a forgery nothing', async () => {
    const { narrow, narrowKey, wide, issuer } = acme.objects
    const keys = await must(acme.api('GET', `/service-accounts/${narrow.id}/keys`))
    const hint = (keys.items as { hint: string }[])[0]?.hint as string
    const [header, claims, signature] = acme.secretOf('team admin', 'token').split('.') as [string, string, string]
    const forged = `${header}.${claims}.${globex.secretOf('team admin', 'token').split('.')[2]}`
    const unsigned = `${cursorAt('{"alg":"none","typ":"at+jwt"}')}.${claims}.`
    const jti = (JSON.parse(Buffer.from(claims, 'base64url').toString()) as { jti: string }).jti
    for (const { secret } of [...strangers, ...nobodies])
      for (const token of [narrow.id, narrowKey.id, wide.id, issuer.id, hint, jti, forged, unsigned, signature])
        expect(
          (await ask('POST', '/oauth/revoke', secret === undefined ? {} : { secret }, { form: { token } })).status,
        ).to.equal(200)
    for (const { role, by, secret } of acme.credentials)
      expect((await call(service, 'GET', '/api/v1/me', { secret })).status, `${role}, by ${by}`).to.equal(200)
    await nothingChanged()
  })

  it('and all of it was there: whoever has the least right to it does each of these', async () => {
    for (const form of forms)
      for (const [method, path] of operations.filter(([method, path]) => method === 'GET' && isApi(path)))
        expect((await call(service, method, acme.fill(path, form), { secret: acme.adminKey })).status, path).to.equal(
          200,
        )
    const order = ['GET', 'PATCH', 'PUT', 'POST', 'DELETE']
    const depth = ([, path]: [string, string]) => path.split('/').length
    const inOrder = operations
      .filter(([method, path]) => rowOf(method, path).need !== 'to be a partner')
      .sort((a, b) => order.indexOf(a[0]) - order.indexOf(b[0]) || depth(b) - depth(a))
    const holders = new Map(
      Object.entries(leastFor).map(([need, role]) => {
        const held = acme.credentials.find((credential) => credential.role === role)
        return [need as Need, held?.secret ?? acme.secretOf(role)]
      }),
    )
    for (const [method, path] of inOrder) {
      const row = rowOf(method, path)
      const credential = { secret: String(holders.get(row.need)) }
      const { query = '', ...asked } = row.asked(acme)
      const { status, body } = await call(service, method, acme.fill(path) + query, { ...credential, ...asked })
      expect(status, `${method} ${path} ${JSON.stringify(body)}`).to.equal(statusOf(method, row))
    }
  })
})
