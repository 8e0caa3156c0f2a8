import { expect } from 'chai'
import { createFetchKeys } from '../../../src/server/issuers/discovery.ts'
import { createKeys } from '../../../src/server/issuers/keys.ts'
import { createOutbound, parseIssuerNetwork } from '../../../src/server/issuers/outbound.ts'
import { startProvider } from '../../support/identity-provider.ts'
import { registrationOf } from '../../support/registrations.ts'

describe('issuers/probe', () => {
  it('probes a real provider, step by step, and changes nothing that is known', async () => {
    const provider = await startProvider({ alg: 'ES256' })
    const outbound = createOutbound({ network: parseIssuerNetwork('any') })
    try {
      const keys = createKeys({ fetchKeys: createFetchKeys({ outbound }) })
      const real = registrationOf({ issuer: provider.issuer })
      const probe = await keys.probe(real)
      expect(probe.ok).to.equal(true)
      expect(probe.steps.map(({ step, ok }) => [step, ok])).to.deep.equal([
        ['discovery', true],
        ['issuer', true],
        ['jwks', true],
        ['keys', true],
      ])
      expect(probe.keys).to.deep.equal([{ kid: provider.key().kid, kty: 'EC', alg: 'ES256' }])
      expect(keys.health(real)).to.deep.equal({ state: 'unknown', keys: [] })
      provider.fail('empty_keys')
      const failed = await keys.probe(real)
      expect([failed.ok, failed.steps.at(-1)?.step, failed.steps.at(-1)?.message]).to.deep.equal([
        false,
        'keys',
        'holds no key',
      ])
      const unfit = await keys.probe({ ...real, jwks: { keys: [{ kty: 'oct', kid: 'x' }] } })
      expect(unfit.steps[0]?.message).to.equal('the uploaded set has an unfit key, x: it is a symmetric key')
    } finally {
      await provider.close()
      await outbound.close()
    }
  })
})
