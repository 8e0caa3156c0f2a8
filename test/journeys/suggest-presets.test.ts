/** A refused token of every provider becomes, by its request id, the policy that its preset recommends; saved, it grants. */
import { expect } from 'chai'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { type Service, startService } from '../support/server.ts'
import { createWorld, must, type World } from '../support/world.ts'
import vectors from '../vectors/presets.json' with { type: 'json' }

type Case = {
  preset: string
  title: string
  issuer: string
  named?: boolean
  lifetime: number
  claims: Record<string, unknown>
  policy: object
}
const cases = vectors.cases as unknown as Case[]

describe('journey: a policy from a refusal, provider by provider', () => {
  const accountPolicies = '/teams/ml/service-accounts/trainer/trust-policies'
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

  for (const [i, { preset, title, issuer, named, lifetime, claims, policy }] of cases.entries())
    it(`${preset}: ${title}`, async () => {
      const name = `case-${i}`
      const byName = named ? { preset } : {}
      await world.make('/issuers', {
        name,
        issuer,
        audiences: [name],
        jwks: provider.publicJwks(),
        ...byName,
        override_reason: 'a token of each provider',
      })
      const exchange = () => {
        const iat = Math.floor(Date.now() / 1000)
        return world.exchange(provider.token({ iat, nbf: iat, exp: iat + lifetime, ...claims, iss: issuer, aud: name }))
      }
      const refused = await exchange()
      expect(refused.body.reason).to.equal('no_account_matches')
      const suggested = await must(
        world.api('POST', `${accountPolicies}/suggest`, { request_id: refused.body.request_id }),
      )
      const errors = (suggested.findings as { severity: string }[]).filter(({ severity }) => severity === 'error')
      expect(errors).to.deep.equal([])
      expect(suggested.policy).to.deep.equal({ issuer: name, ...policy })
      await world.make(accountPolicies, { name, ...(suggested.policy as object) })
      expect((await exchange()).status).to.equal(200)
    })
})
