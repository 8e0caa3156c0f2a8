/** The admin API under hands that mean no good, or know no better: merge patches (RFC 7396) and cursors of any kind. */
import { expect } from 'chai'
import fc from 'fast-check'
import { makeSigner } from '../support/forge.ts'
import { nearJson } from '../support/near-json.ts'
import { type Answer, type Service, startService } from '../support/server.ts'
import { createWorld, must, type World } from '../support/world.ts'

const seed = 7396
type Fields = Record<string, unknown>

describe('fuzz: the admin API', () => {
  let service: Service
  let acme: World
  let globex: World

  before(async () => {
    service = await startService({ env: { LIMIT_FAILED_PER_MINUTE: '0' } })
    const jwks = { keys: [makeSigner('ES256', 'k').jwk] }
    const provider = { issuer: 'https://idp.example', token: () => '' }
    acme = await createWorld(service, provider, { issuer: { jwks } })
    globex = await createWorld(service, provider, { org: 'globex', issuer: { jwks } })
    for (const world of [acme, globex]) await furnish(world)
  })
  after(() => service?.close())

  async function furnish({ make, org, external }: World): Promise<void> {
    for (const n of [1, 2, 3]) {
      await make('/teams', { name: `t${n}` })
      await make('/users', { username: `u${n}`, email: `u${n}@${org}.example` })
      await make('/teams/ml/projects', { name: `p${n}`, visibility: 'team' })
      await make('/resource-servers', { name: `r${n}`, audience: `https://r${n}.${org}.example` })
      await make('/issuers', {
        name: `i${n}`,
        issuer: `https://i${n}.${org}.example`,
        jwks: { keys: [makeSigner('ES256', 'k').jwk] },
      })
      await external(`a${n}`, `sub-${n}`)
    }
  }

  /** What was asked twice with one body must be as it was after once. What changes with every look is left out. */
  const lasting = ({ updated_at: _, health: __, findings: ___, teams: ____, ...rest }: Fields) => rest
  /** A source of keys takes the place of the other. */
  const sources = ['jwks', 'jwks_uri']

  const nouns: Record<string, { at: string; fields: Record<string, readonly unknown[]>; unknown: readonly string[] }> =
    {
      organization: { at: '', fields: { display_name: ['Acme', 'x'.repeat(201), ''] }, unknown: ['name', 'id'] },
      team: {
        at: '/teams',
        fields: {
          name: ['t1', 't9', 'ml', 'T', 'team_00000000000000000000000001'],
          display_name: ['A team', 'é', '\0', ''],
        },
        unknown: ['id', 'orgId'],
      },
      user: {
        at: '/users',
        fields: {
          username: ['u1', 'u9', 'U'],
          email: ['u1@x.example', 'u9@x.example', 'x'],
          role: ['member', 'viewer', 'root'],
        },
        unknown: ['name', 'org'],
      },
      project: {
        at: '/teams/ml/projects',
        fields: { name: ['p1', 'p9', '..'], visibility: ['team', 'open', 'public', 'secret'] },
        unknown: ['team', 'deleted_at'],
      },
      account: {
        at: '/teams/ml/service-accounts',
        fields: {
          name: ['a1', 'a9', '-'],
          description: ['text', 'x'.repeat(1_001), ''],
          access: ['read', 'write', 'all'],
          token_ttl: [60, 3600, 59, 1.5, 1e308, '900'],
          enabled: [true, false, 'true'],
          dpop_bound_access_tokens: [true, false],
        },
        unknown: ['admin', 'method', 'team', 'org'],
      },
      issuer: {
        at: '/issuers',
        fields: {
          name: ['i1', 'i9', 'ci'],
          audiences: [['x'], ['y', 'y'], [], [1], Array(33).fill('z')],
          algorithms: [['ES256'], [], ['none'], ['HS256']],
          clock_tolerance: [0, 300, 301, -1, 0.5],
          max_token_age: [60, 86_400, 59],
          single_use: [true, false],
          single_use_grace: [0, 60, 61],
          extra_audiences: [true, false, 1],
          user_claim: ['sub', 'email', '__proto__'],
          enabled: [true, false],
          jwks: [{ keys: [] }, { keys: [{ kty: 'oct', k: 'AA' }] }, {}, []],
          jwks_uri: ['https://idp.example/jwks', 'file:///etc/passwd', 'x', ''],
          preset: ['github', 'nobody'],
        },
        unknown: ['issuer', 'health', 'id'],
      },
      'resource server': {
        at: '/resource-servers',
        fields: { name: ['r1', 'r9', ' '] },
        unknown: ['audience', 'api_key'],
      },
    }

  for (const [noun, { at, fields, unknown }] of Object.entries(nouns))
    it(`a patch of ${noun}: the same twice is as once; what nobody knows is 422; null takes away; nothing is a bug`, async () => {
      const path =
        at === '' ? '' : `${at}/${((await must(acme.api('GET', `${at}?limit=200`))).items as Fields[]).at(-1)?.id}`
      const defaults = lasting(await must(acme.api('GET', path)))
      const member = fc
        .constantFrom(...Object.keys(fields))
        .chain((name) =>
          fc.tuple(
            fc.constant(name),
            fc.oneof(
              { weight: 6, arbitrary: fc.constantFrom(...(fields[name] ?? []), null) },
              { weight: 1, arbitrary: fc.jsonValue() },
            ),
          ),
        )
      const stranger = fc.tuple(fc.constantFrom(...unknown, 'x', '__proto__', 'constructor', ''), fc.jsonValue())
      const patch = fc
        .tuple(fc.array(member, { maxLength: 3 }), fc.array(stranger, { maxLength: 1, size: 'small' }), fc.nat(4))
        .map(([known, strangers, often]) => new Map([...known, ...(often === 0 ? strangers : [])]))
      const seen: Record<number, number> = {}
      const property = fc.asyncProperty(patch, async (members) => {
        // As text, since __proto__ would be lost in an object.
        const body = `{${[...members].map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join()}}`
        const earlier = lasting(await must(acme.api('GET', path)))
        const first = await patched(path, body)
        seen[first.status] = (seen[first.status] ?? 0) + 1
        expect(first.status, body).to.be.oneOf([200, 409, 422, 400])
        const strange = [...members.keys()].some((name) => !Object.hasOwn(fields, name))
        if (strange) expect(first.status, body).to.equal(422)
        const later = lasting(await must(acme.api('GET', path)))
        if (first.status !== 200) return void expect(later, body).to.deep.equal(earlier)
        expect(later).to.deep.equal(lasting(first.body))
        const second = await patched(path, body)
        expect(second.status, body).to.equal(200)
        expect(lasting(second.body), body).to.deep.equal(later)
        const ofSources = sources.some((name) => members.has(name))
        for (const [name, value] of Object.entries(earlier)) {
          if (sources.includes(name) && ofSources) continue
          // A user's name is the username.
          if (name === 'name' && noun === 'user') continue
          if (!members.has(name)) expect(later[name], `${name} was not named: ${body}`).to.deep.equal(value)
          else if (members.get(name) === null) {
            // It goes back to what the preset says, where there is one.
            const byItself = name === 'max_token_age' && later.preset === 'github' ? 900 : defaults[name]
            expect(later[name], `${name} was taken away`).to.deep.equal(byItself)
          } else expect(later[name], body).to.deep.equal(members.get(name))
        }
      })
      await fc.assert(property, { seed, numRuns: 60 })
      expect(seen[200], JSON.stringify(seen)).to.be.at.least(10)
      expect(seen[422], JSON.stringify(seen)).to.be.at.least(5)
    })

  async function patched(path: string, body: string): Promise<Answer> {
    const response = await fetch(`${service.url}${acme.path}${path}`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${acme.adminKey}`, 'content-type': 'application/merge-patch+json' },
      body,
    })
    return { status: response.status, headers: response.headers, body: (await response.json()) as Fields }
  }

  it('a patch of any text is refused, unless it says something that can be', async () => {
    const property = fc.asyncProperty(nearJson, async (text) => {
      const { status, body } = await patched('/teams/t1', text)
      expect(status, text).to.be.oneOf([200, 400, 422])
      if (status !== 200) expect(body.reason, text).to.be.oneOf(['body_malformed', 'body_invalid'])
    })
    await fc.assert(property, { seed, numRuns: 200 })
  })

  const lists = [
    '/teams',
    '/users',
    '/issuers',
    '/service-accounts',
    '/resource-servers',
    '/teams/ml/projects',
    '/teams/ml/service-accounts',
    '/audit-events',
  ]
  for (const list of lists)
    it(`a cursor of any kind at ${list} is refused, or leads to a page of one's own`, async () => {
      const owned = async (world: World) => (await must(world.api('GET', `${list}?limit=200`))).items as Fields[]
      const [ours, theirs] = [await owned(acme), await owned(globex)]
      const own = new Set(ours.map(({ id }) => id))
      expect(theirs.filter(({ id }) => own.has(id))).to.deep.equal([])
      const next = String((await must(globex.api('GET', `${list}?limit=2`))).next_cursor)
      expect(next).to.not.equal('null')

      const texts = fc.oneof(
        fc.constantFrom(
          '',
          '0',
          '1',
          '2',
          '-1',
          '1.5',
          '1e3',
          '0x10',
          ' 5',
          'NaN',
          'Infinity',
          '9007199254740993',
          '*',
          '%',
          '_',
          'zzzz',
          '..',
          "' OR 1=1 --",
          '\0',
          'a\nb',
          'é',
        ),
        fc.constantFrom(...[...ours, ...theirs].map(({ id }) => String(id)).slice(0, 40)),
        fc
          .constantFrom('org_', 'team_', 'user_', 'iss_', 'sa_', 'rs_', 'proj_')
          .map((prefix) => `${prefix}${'0'.repeat(26)}`),
        fc.nat().map(String),
      )
      const cursors = fc.oneof(
        { weight: 3, arbitrary: texts.map((text) => Buffer.from(text).toString('base64url')) },
        { weight: 1, arbitrary: texts },
        { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
        {
          weight: 1,
          arbitrary: fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
        },
        { weight: 1, arbitrary: fc.constantFrom(next, `${next}=`, next.slice(1), 'A'.repeat(201)) },
      )
      let pages = 0
      const property = fc.asyncProperty(cursors, async (cursor) => {
        const answer = await acme.api('GET', `${list}?limit=3&cursor=${encodeURIComponent(cursor)}`)
        expect(answer.status, cursor).to.be.oneOf([200, 400])
        if (answer.status === 400) return void expect(answer.body.reason).to.equal('query_invalid')
        pages++
        for (const one of answer.body.items as Fields[])
          if (list === '/audit-events') expect(one.org).to.equal('acme')
          else expect(own, cursor).to.include(one.id)
      })
      await fc.assert(property, { seed, numRuns: 120 })
      expect(pages).to.be.at.least(20)
      for (const query of [
        'cursor=%ff',
        'cursor=%00',
        'cursor=a&cursor=b',
        'cursor[]=a',
        'cursor[a]=b',
        'cursor=%',
        'CURSOR=a',
      ])
        expect((await acme.api('GET', `${list}?${query}`)).status, query).to.equal(400)
    })

  it('nothing of all that was a bug of ours', () =>
    expect(service.lines.filter(({ level }) => level === 50 || level === 60)).to.deep.equal([]))
})
