/** Every preset with tokens as its provider makes them: what the recommended policy lets in, and what it keeps out. */
import { expect } from 'chai'
import { loadPresets } from '../../src/server/presets.ts'
import type { Condition } from '../../src/server/trust/policy.ts'
import { presetNames } from '../../src/server/trust/preset.ts'
import { recommendFor } from '../../src/server/trust/recommend.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { call, type Service, startService } from '../support/server.ts'
import { createWorld, must, type World } from '../support/world.ts'
import vectors from '../vectors/presets.json' with { type: 'json' }

type Claims = Record<string, unknown>
type Other = { why: string; claims?: Claims }
type Refused = Other & { as: string; iss?: string }
type Case = {
  preset: string
  title: string
  issuer: string
  /** Its URL does not tell: the preset is named. */
  named?: boolean
  /** Seconds. */
  lifetime: number
  claims: Claims
  policy: { subject: string; match: string; conditions: readonly Condition[] }
  granted: Other[]
  refused: Refused[]
}
const cases = vectors.cases as unknown as Case[]

/** RFC 7396. */
function merged(claims: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch
  const under = typeof claims === 'object' && claims !== null && !Array.isArray(claims) ? claims : {}
  const result: Claims = { ...under }
  for (const [name, value] of Object.entries(patch))
    if (value === null) delete result[name]
    else result[name] = merged(result[name], value)
  return result
}

describe('journey: presets', () => {
  const presets = loadPresets()
  let provider: Provider
  let service: Service
  let world: World
  before(async () => {
    provider = await startProvider()
    service = await startService({ env: { LIMIT_FAILED_PER_MINUTE: '0' } })
    world = await createWorld(service, provider)
  })
  after(async () => {
    await service?.close()
    await provider?.close()
  })

  it('has tokens for every preset: a fork, another branch, another tenant, a twin', () => {
    expect([...new Set(cases.map(({ preset }) => preset))]).to.have.members([...presetNames])
    for (const { title, refused } of cases)
      expect(
        refused.map(({ as }) => as),
        title,
      ).to.include.members(['fork', 'branch', 'tenant', 'twin'])
  })

  for (const [i, { preset, title, issuer, named, lifetime, claims, policy, granted, refused }] of cases.entries())
    describe(`${preset}: ${title}`, () => {
      const name = `case-${i}`
      let registered: Claims
      const token = (own: Claims, iss = issuer) => {
        const iat = Math.floor(Date.now() / 1000)
        return provider.token({ iat, nbf: iat, exp: iat + lifetime, ...own, iss, aud: name })
      }
      const reasonOf = async (assertion: string) => (await world.exchange(assertion)).body.reason

      before(async () => {
        registered = await world.make('/issuers', {
          name,
          issuer,
          audiences: [name],
          jwks: provider.publicJwks(),
          ...(named ? { preset } : {}),
        })
      })

      it('is known by its URL, and lets its tokens live as long as they do', () => {
        const known = presets.find(preset)
        expect(presets.of(issuer)?.name).to.equal(named ? undefined : preset)
        expect(registered).to.include({ preset, max_token_age: known?.maxTokenAge })
      })

      it('recommends a policy from the token, which lets it in', async () => {
        const known = presets.find(preset)
        if (!known) throw new Error(`there is no preset ${preset}`)
        const { missing, notes, ...recommended } = recommendFor(known, claims as never)
        expect({ missing, notes }).to.deep.equal({ missing: [], notes: [] })
        expect(recommended).to.deep.equal(policy)
        await world.external(name, '', { trust: { issuer: name, ...recommended } })
        expect(await reasonOf(token(claims))).to.equal(undefined)
      })

      for (const { why, claims: changes } of granted)
        it(`lets in ${why}`, async () => {
          expect(await reasonOf(token(merged(claims, changes) as Claims))).to.equal(undefined)
        })

      for (const { as, why, claims: changes = {}, iss } of refused)
        it(`keeps out (${as}): ${why}`, async () => {
          // All of them are good tokens, but for whose they are.
          const reason = await reasonOf(token(merged(claims, changes) as Claims, iss))
          expect(reason).to.equal(iss === undefined ? 'no_account_matches' : 'issuer_not_trusted')
        })
    })

  it('goes by the preset that is named, and back to the one of the URL', async () => {
    const url = 'https://token.actions.githubusercontent.com'
    const jwks = provider.publicJwks()
    // Lint has an error against a known host under another name (LR41).
    const override = { override_reason: 'to see whose preset counts' }
    const made = await world.make('/issuers', {
      name: 'named',
      issuer: url,
      audiences: ['named'],
      jwks,
      preset: 'custom',
      ...override,
    })
    expect(made).to.include({ preset: 'custom', max_token_age: 86_400 })
    const patched = async (json: Claims) => must(world.api('PATCH', '/issuers/named', { ...json, ...override }))
    expect(await patched({ preset: 'gitlab' })).to.include({ preset: 'gitlab', max_token_age: 86_400 })
    expect(await patched({ preset: null })).to.include({ preset: 'github', max_token_age: 86_400 })
    expect(await patched({ max_token_age: null })).to.include({ preset: 'github', max_token_age: 900 })
    expect(await patched({ max_token_age: 60 })).to.include({ max_token_age: 60 })
    expect(await patched({ preset: 'custom', max_token_age: null })).to.include({ max_token_age: 86_400 })
    const own = await world.make('/issuers', { name: 'own', issuer: url, audiences: ['own'], jwks, max_token_age: 120 })
    expect(own).to.include({ preset: 'github', max_token_age: 120 })
    const unknown = await world.make('/issuers', { name: 'unknown', issuer: 'https://idp.example', jwks })
    expect(unknown).to.include({ preset: null, max_token_age: 86_400 })
  })

  it('shows them to everybody of the organization, with snippets filled in', async () => {
    const { items } = await must(world.api('GET', '/presets'))
    expect((items as { name: string }[]).map(({ name }) => name)).to.deep.equal([...presetNames])
    const first = await must(world.api('GET', '/presets?limit=10'))
    const rest = await must(world.api('GET', `/presets?limit=10&cursor=${first.next_cursor}`))
    expect([...(first.items as unknown[]), ...(rest.items as unknown[])]).to.deep.equal(items)
    expect(rest.next_cursor).to.equal(null)
    const text = JSON.stringify(items)
    expect(text).to.contain(`${service.publicUrl}/oauth/token`).and.to.contain(`aud: ${world.audience}`)
    expect(text).to.not.match(/\{\{\w+\}\}/)
    expect(text).to.contain('service_account=TEAM/ACCOUNT')
    const one = await must(world.api('GET', '/presets/github?service_account=ml/trainer'))
    expect(one).to.include({ name: 'github', max_token_age: 900 })
    expect(JSON.stringify(one.snippets)).to.contain('service_account=ml/trainer')
    for (const name of ['nobody', 'constructor', '__proto__'])
      expect((await world.api('GET', `/presets/${name}`)).status, name).to.equal(404)
    for (const account of ['$(id)', 'ml/a/b', "ml/'; id", 'ml/'])
      expect((await world.api('GET', `/presets?service_account=${encodeURIComponent(account)}`)).status).to.equal(400)
    const robot = await call(service, 'GET', `${world.path}/presets`, { secret: world.apiKey })
    expect(robot.status).to.equal(200)
    expect((await call(service, 'GET', `${world.path}/presets`)).status).to.equal(401)
  })
})
