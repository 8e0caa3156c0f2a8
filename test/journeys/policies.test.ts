/** What a trust policy may ask of a token, as its admin writes it and as the workload meets it. */
import { expect } from 'chai'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { type Service, startService } from '../support/server.ts'
import { createWorld, must, type World } from '../support/world.ts'

type Fields = Record<string, unknown>

describe('journey: trust policies', () => {
  let provider: Provider
  let service: Service
  let world: World
  let made = 0

  before(async () => {
    provider = await startProvider()
    service = await startService({ env: { LIMIT_FAILED_PER_MINUTE: '0' } })
    world = await createWorld(service, provider)
  })
  after(async () => {
    await service?.close()
    await provider?.close()
  })

  /** An External account of its own, trusted under this policy. */
  async function trusting(policy: Fields) {
    const sub = `job-of-policies-${++made}`
    const name = `external-${made}`
    const trust = { issuer: 'ci', subject: sub, ...policy }
    const account = await world.make(world.accounts, { name, method: 'federated', trust })
    const written = account.trust as Fields & { name: string }
    const at = `${world.accounts}/${name}/trust-policies/${written.name}`
    return { sub, at, written, name, account: `ml/${name}` }
  }
  const ask = (claims: Fields, extra: Record<string, string> = {}) => world.exchange(world.token(claims), extra)
  const grants = async (claims: Fields, extra: Record<string, string> = {}) => {
    const { status, body } = await ask(claims, extra)
    if (status !== 200) expect(body.reason).to.equal('no_account_matches')
    return status === 200
  }
  const main = { claim: 'ref', op: 'equals', value: 'refs/heads/main' }

  it('asks for each of its conditions, of any kind, by name and by pointer', async () => {
    const conditions = [
      main,
      { claim: 'environment', op: 'in', value: ['staging', 'prod'] },
      { claim: 'workflow', op: 'glob', value: 'deploy-*' },
      { claim: '/kubernetes.io/serviceaccount/uid', op: 'exists' },
      { claim: 'run_attempt', op: 'equals', value: 1 },
    ]
    const { sub, written } = await trusting({ conditions })
    expect(written.conditions).to.deep.equal(
      conditions.map((condition) => (condition.op === 'exists' ? { ...condition, value: true } : condition)),
    )
    const good = {
      sub,
      ref: 'refs/heads/main',
      environment: 'prod',
      workflow: 'deploy-web',
      'kubernetes.io': { serviceaccount: { uid: 'u1' } },
      run_attempt: 1,
    }
    expect(await grants(good)).to.equal(true)
    const bad: Fields[] = [
      { ref: 'refs/heads/Main' },
      { environment: 'dev' },
      { workflow: 'xdeploy-web' },
      { 'kubernetes.io': { serviceaccount: {} } },
      { 'kubernetes.io': undefined },
      { run_attempt: '1' },
    ]
    for (const claims of bad) expect(await grants({ ...good, ...claims }), JSON.stringify(claims)).to.equal(false)
  })

  it('takes a glob for its subjects, and several policies lead to several accounts', async () => {
    const prefix = `repo:acme/app-${++made}`
    const web = await trusting({ subject: `${prefix}:environment:web-*`, match: 'glob' })
    const api = await trusting({ subject: `${prefix}:environment:api-?`, match: 'glob' })
    const tell = async (sub: string) => {
      const { body } = await ask({ sub })
      const [event] = await world.auditOf(body.request_id ?? (await lastRequest()))
      return event?.detail.service_account ?? body.reason
    }
    const lastRequest = async () => {
      const { items } = await must(world.api('GET', '/audit-events?type=token.exchange&limit=1'))
      return (items as { request_id: string }[])[0]?.request_id
    }
    expect(await tell(`${prefix}:environment:web-eu:1`)).to.equal(web.account)
    expect(await tell(`${prefix}:environment:api-1`)).to.equal(api.account)
    expect(await tell(`${prefix}:environment:api-12`)).to.equal('no_account_matches')
    expect(await tell(`x${prefix}:environment:web-1`)).to.equal('no_account_matches')
  })

  it('takes an expression, which has to be true', async () => {
    const { sub } = await trusting({ cel: "claims.ref.startsWith('refs/tags/') && header.alg == 'RS256'" })
    expect(await grants({ sub, ref: 'refs/tags/v1' })).to.equal(true)
    expect(await grants({ sub, ref: 'refs/heads/main' })).to.equal(false)
    expect(await grants({ sub })).to.equal(false)
  })

  it('knows a change at once, and ends what was handed out under what is no longer asked', async () => {
    const { sub, at } = await trusting({ conditions: [main] })
    const lives = async (token: string) => (await world.introspect(token)).body.active
    const before = await world.granted(world.token({ sub, ref: 'refs/heads/main' }))
    await must(world.api('PATCH', at, { name: 'renamed' }))
    expect(await lives(before)).to.equal(true)
    const renamed = at.replace(/[^/]*$/, 'renamed')
    await must(world.api('PATCH', renamed, { conditions: [{ ...main, value: 'refs/heads/release' }] }))
    expect(await lives(before)).to.equal(false)
    expect(await grants({ sub, ref: 'refs/heads/main' })).to.equal(false)
    expect(await grants({ sub, ref: 'refs/heads/release' })).to.equal(true)
    await must(world.api('PATCH', renamed, { conditions: null }))
    expect(await grants({ sub, ref: 'refs/heads/any' })).to.equal(true)
    await must(world.api('PATCH', renamed, { cel: "claims.ref == 'x'" }))
    expect(await grants({ sub, ref: 'refs/heads/any' })).to.equal(false)
    await must(world.api('PATCH', renamed, { cel: null, subject: `${sub}*`, match: 'glob' }))
    expect(await grants({ sub: `${sub}-more` })).to.equal(true)
  })

  it('tells the caller nothing of what it asks, and the trail what did not hold', async () => {
    const conditions = [{ claim: 'ref', op: 'equals', value: 'refs/heads/release-of-nobody-knows' }]
    const { sub, written } = await trusting({ conditions })
    const { body } = await ask({ sub, ref: 'refs/heads/main' })
    expect(JSON.stringify(body)).to.not.match(/nobody-knows|condition|"ref"/)
    const [event] = await world.auditOf(body.request_id)
    expect(event?.detail.trials).to.deep.include.members([
      {
        policy: written.id,
        account: event && (event.detail.trials as Fields[])[0]?.account,
        miss: 'condition',
        claim: 'ref',
      },
    ])
  })

  const uncompilable: [why: string, policy: Fields, path: string, message: RegExp][] = [
    ['a claim without a name', { conditions: [{ claim: '', op: 'exists' }] }, 'conditions.0.claim', /./],
    ['a pointer that is none', { conditions: [main, { claim: '/a~b', op: 'exists' }] }, 'conditions.1.claim', /~/],
    ['an operator that is none', { conditions: [{ claim: 'ref', op: 'regex', value: 'x' }] }, 'conditions.0.op', /./],
    ['no value at all', { conditions: [{ claim: 'ref', op: 'equals' }] }, 'conditions.0.value', /./],
    ['null as a value', { conditions: [{ claim: 'ref', op: 'equals', value: null }] }, 'conditions.0.value', /./],
    ['an empty list', { conditions: [{ claim: 'ref', op: 'in', value: [] }] }, 'conditions.0.value', /./],
    ['a number as a glob', { conditions: [{ claim: 'ref', op: 'glob', value: 1 }] }, 'conditions.0.value', /./],
    [
      'a number beyond 2^53',
      { conditions: [{ claim: 'id', op: 'equals', value: 2 ** 53 }] },
      'conditions.0.value',
      /2\^53/,
    ],
    ['a further member', { conditions: [{ ...main, negate: true }] }, 'conditions.0', /negate/],
    ['a kind of match that is none', { match: 'regex' }, 'match', /./],
    ['a state that is none', { state: 'paused' }, 'state', /./],
    ['too many conditions', { conditions: Array.from({ length: 65 }, () => main) }, 'conditions', /64/],
  ]
  for (const [why, policy, path, message] of uncompilable) {
    it(`is refused with its place: ${why}`, async () => {
      const trust = { issuer: 'ci', subject: 'job:never', ...policy }
      const name = `never-${++made}`
      const { status, body } = await world.api('POST', world.accounts, { name, method: 'federated', trust })
      expect(status).to.equal(422)
      const errors = body.errors as { path: string; message: string }[]
      const found = errors.find((one) => one.path === `trust.${path}`)
      expect(found?.message, JSON.stringify(errors)).to.match(message)
      // Nothing of it is there.
      expect((await world.api('GET', `${world.accounts}/${name}`)).status).to.equal(404)
    })
  }

  it('is refused with line, column and caret: an expression that cannot be compiled', async () => {
    const { at } = await trusting({})
    const cel = "claims.sub == 'a' &&\n  claims.ref = 'b'"
    const { status, body } = await world.api('PATCH', at, { cel })
    expect(status).to.equal(422)
    const [fault] = body.errors as [Fields]
    expect(fault).to.include({ path: 'cel', line: 2 })
    expect(String(fault.caret).split('\n')).to.have.length(2)
    expect(String(fault.caret).split('\n')[1]?.indexOf('^')).to.equal(Number(fault.column) - 1)
    expect((await must(world.api('GET', at))).cel).to.equal(null)
  })
})
