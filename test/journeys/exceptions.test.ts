/** What the operator allows beyond public addresses is on record, and no organization can see it or widen it. */
import { expect } from 'chai'
import { call, type Service, startService } from '../support/server.ts'
import { type Event, must } from '../support/world.ts'

describe('journey: exceptions of the operator', () => {
  let service: Service | undefined
  afterEach(async () => {
    await service?.close()
    service = undefined
  })

  const recorded = async (at: Service) => {
    const path = '/api/v1/audit-events?type=issuer_network.update'
    const { items } = await must(call(at, 'GET', path, { secret: at.operatorKey }))
    return (items as Event[]).map(({ actor, detail }) => ({ actor: actor.type, ...detail }))
  }
  /** Started anew on the same data, with other exceptions. */
  const startedWith = async (network: string): Promise<Service> => {
    const dataDir = service?.dataDir
    await service?.stop()
    service = await startService({ env: { ISSUER_NETWORK: network }, ...(dataDir === undefined ? {} : { dataDir }) })
    return service
  }

  it('each change is in the installation’s trail once, whoever is asked', async () => {
    expect(await recorded(await startedWith('public'))).to.deep.equal([])
    await startedWith('idp.corp.example:8443, 10.0.0.0/8')
    await startedWith('10.0.0.0/8,IDP.corp.example:8443')
    const both = 'public,10.0.0.0/8,idp.corp.example:8443'
    expect(await recorded(await startedWith('any'))).to.deep.equal([
      { actor: 'operator', issuer_network: 'any', issuer_network_before: both },
      { actor: 'operator', issuer_network: both, issuer_network_before: 'public' },
    ])
    expect((await recorded(await startedWith('public')))[0]).to.include({ issuer_network: 'public' })
  })

  it('an organization neither sees them nor makes any', async () => {
    const at = await startedWith('idp.corp.example:8443')
    const json = { name: 'acme', first_admin: { username: 'ada', email: 'ada@acme.example' } }
    const secret = String((await must(call(at, 'POST', '/api/v1/orgs', { secret: at.operatorKey, json }))).api_key)
    expect((await call(at, 'GET', '/api/v1/audit-events', { secret })).status).to.equal(403)
    const own = await must(call(at, 'GET', '/api/v1/orgs/acme/audit-events', { secret }))
    expect(JSON.stringify(own)).to.not.contain('idp.corp.example')
    const issuer = { name: 'ci', issuer: 'https://10.1.2.3', issuer_network: 'any' }
    const refused = await call(at, 'POST', '/api/v1/orgs/acme/issuers', { secret, json: issuer })
    expect(refused.status).to.equal(422)
    const { status, body } = await call(at, 'PATCH', '/api/v1/installation', {
      secret,
      json: { issuer_network: 'any' },
    })
    expect({ status, reason: body.reason }).to.deep.equal({ status: 403, reason: 'forbidden' })
  })
})
