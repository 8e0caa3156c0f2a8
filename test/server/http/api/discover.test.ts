/** Discovering an issuer whose name leads to where nobody may reach. */
import { expect } from 'chai'
import { discoverRoute } from '../../../../src/server/http/api/routes/discover.ts'
import { createFetchKeys } from '../../../../src/server/issuers/discovery.ts'
import { createKeys } from '../../../../src/server/issuers/keys.ts'
import { publicNetwork } from '../../../../src/server/issuers/network.ts'
import { createOutbound } from '../../../../src/server/issuers/outbound.ts'
import { registrationOf } from '../../../support/registrations.ts'
import { privateAddresses } from '../../../vectors/hostile-urls.ts'

type Step = { step: string; ok: boolean; message: string }

describe('http/api/discover', () => {
  /** What discovering says, and what checking does, of a host that has these addresses. */
  async function saidOf(addresses: readonly string[]) {
    const outbound = createOutbound({ network: publicNetwork, resolve: async () => addresses })
    const keys = createKeys({ fetchKeys: createFetchKeys({ outbound }) })
    try {
      const rooms = { keys, network: publicNetwork, presets: { of: () => undefined }, fetchAllowed: async () => {} }
      const { run } = discoverRoute(rooms as never)
      const issuer = 'https://idp.example'
      const asked = [{ issuer }, { issuer, jwks_uri: `${issuer}/jwks` }]
      const told = (steps: unknown) => (steps as Step[]).map(({ step, ok, message }) => ({ step, ok, message }))
      const said: ReturnType<typeof told>[] = []
      for (const body of asked) {
        const answer = await run({ body, place: { org: { id: 'org_01' } } } as never)
        const check = await keys.probe(registrationOf({ issuer, jwksUri: body.jwks_uri ?? null }))
        expect(told(answer.body?.steps)).to.deep.equal(told(check.steps))
        expect(answer.body).to.deep.include({ ok: false, keys: [], algorithms: [] })
        said.push(told(answer.body?.steps))
      }
      return said
    } finally {
      keys.close()
      await outbound.close()
    }
  }

  it('says of every private address what it says of a name that nobody has', async () => {
    const unknown = await saidOf([])
    expect(unknown[0]?.[0]?.message).to.match(/^could not be reached/)
    for (const address of privateAddresses) {
      expect(await saidOf([address]), address).to.deep.equal(unknown)
      expect(await saidOf(['8.8.8.8', address]), address).to.deep.equal(unknown)
    }
  })
})
