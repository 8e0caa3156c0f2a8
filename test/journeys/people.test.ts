/** People as principals: by their identity provider or by their key, wherever a service account may be. */
import { expect } from 'chai'
import { grantTypes, tokenTypes } from '../../src/protocol/oauth.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { type ResourceServer, resourceServer } from '../support/resource-server.ts'
import { call, type Service, startService } from '../support/server.ts'
import { claimsIn, createWorld, type World } from '../support/world.ts'

describe('journey: people as principals', () => {
  let provider: Provider
  let people: Provider
  let service: Service
  let world: World
  let server: ResourceServer
  let ann: { id: string; key: string }

  before(async () => {
    provider = await startProvider()
    people = await startProvider()
    service = await startService()
    world = await createWorld(service, provider)
    server = await resourceServer(world, 'tracker')
    await world.make('/issuers', { name: 'sso', issuer: people.issuer, users: true, user_claim: 'email' })
    await world.make('/teams', { name: 'ops' })
    const { id } = await world.make('/users', { username: 'ann', email: 'ann@acme.example' })
    await world.api('PUT', '/teams/ml/members/ann', { role: 'member' })
    ann = { id, key: String((await world.make('/users/ann/keys', {})).secret) }
  })
  after(async () => {
    await service?.close()
    await people?.close()
    await provider?.close()
  })

  it('says of a user alone in which teams they are, and as what', async () => {
    const { items } = (await world.api('GET', '/teams')).body as { items: { id: string; name: string }[] }
    const id = items.find(({ name }) => name === 'ml')?.id
    expect((await world.api('GET', '/users/ann')).body.teams).to.deep.equal([{ id, name: 'ml', role: 'member' }])
    expect((await world.api('GET', '/users/acme-root')).body.teams).to.deep.equal([])
  })

  const signedIn = (extra: Record<string, string> = {}) =>
    world.granted(
      people.token({ aud: world.audience, sub: 'x-17', email: 'ANN@acme.example', email_verified: true }),
      extra,
    )

  it('an issuer for people maps a verified e-mail address to a user, whose token says so', async () => {
    const claims = claimsIn(await signedIn())
    expect(claims).to.deep.include({
      sub: ann.id,
      client_id: ann.id,
      principal: 'user',
      name: 'ann',
      org: 'acme',
      method: 'federated',
      idp: { iss: people.issuer, sub: 'x-17' },
    })
    expect(claims).to.not.have.property('team')
  })

  it('a key of theirs obtains a token, by each grant', async () => {
    const byKey = [
      { grant_type: grantTypes.clientCredentials, client_secret: ann.key },
      { grant_type: grantTypes.tokenExchange, subject_token: ann.key, subject_token_type: tokenTypes.apiKey },
    ]
    for (const form of byKey) {
      const { status, body } = await world.post(form)
      expect(status).to.equal(200)
      expect(claimsIn(body.access_token)).to.include({ sub: ann.id, principal: 'user', method: 'api_key' })
    }
  })

  it('each credential of theirs is somebody wherever an account’s is', async () => {
    const ofKey = String((await world.withKey(ann.key)).body.access_token)
    for (const credential of [ann.key, ofKey, await signedIn()]) {
      const seen = (await world.introspect(credential, server.secret)).body
      expect(seen).to.include({ active: true, sub: ann.id, principal: 'user', username: 'ann', org: 'acme' })
      const info = await call(service, 'GET', '/oauth/userinfo', { secret: credential })
      expect(info.body).to.include({ sub: ann.id, principal: 'user', preferred_username: 'ann' })
      const me = await call(service, 'GET', '/api/v1/me', { secret: credential })
      expect(me.body).to.deep.include({ type: 'user', id: ann.id, teams: [{ team: 'ml', role: 'member' }] })
      expect(await server.evaluate(credential, 'write', 'vision')).to.deep.equal({
        decision: true,
        context: { project: 'ml/vision', reason: 'team_member' },
      })
      const admitted = await call(
        service,
        'GET',
        '/access/v1/verify?organization=acme&action=write&project=ml/vision',
        {
          secret: credential,
        },
      )
      expect(admitted.status).to.equal(204)
      expect(admitted.headers.get('x-countersign-subject')).to.equal(ann.id)
      expect(admitted.headers.get('x-countersign-principal')).to.equal('user')
      expect(admitted.headers.has('x-countersign-team')).to.equal(false)
    }
  })

  it('their rights are those that they have now', async () => {
    const credential = await signedIn()
    const reason = () => server.reason(credential, 'write', 'ml/vision')
    expect(await reason()).to.equal('team_member')
    await world.api('PUT', '/teams/ml/members/ann', { role: 'viewer' })
    expect(await reason()).to.equal('team_viewer')
    await world.api('DELETE', '/teams/ml/members/ann')
    expect(await reason()).to.equal('not_a_team_member')
    await world.api('PUT', '/teams/ml/members/ann', { role: 'admin' })
    expect(await reason()).to.equal('team_member')
  })

  it('an admin of the organization reaches nothing by that', async () => {
    expect(await server.reason(world.adminKey, 'read', 'ml/vision')).to.equal('not_a_team_member')
    await world.make('/teams/ml/projects', { name: 'closed', visibility: 'restricted' })
    expect(await server.reason(world.adminKey, 'read', 'ml/closed')).to.equal('not_a_project_member')
    await world.api('PUT', '/teams/ml/projects/closed/members/acme-root', { role: 'viewer' })
    expect(await server.reason(world.adminKey, 'read', 'ml/closed')).to.equal('project_role')
  })

  it('a viewer of the organization only reads, and gets no wider token', async () => {
    const { id } = await world.make('/users', { username: 'vic', email: 'vic@acme.example', role: 'viewer' })
    await world.api('PUT', '/teams/ml/members/vic', { role: 'admin' })
    const key = String((await world.make('/users/vic/keys', {})).secret)
    expect(claimsIn((await world.withKey(key)).body.access_token)).to.include({ scope: 'projects:read' })
    for (const subject of [key, { type: 'user', id }]) {
      expect(await server.reason(subject, 'write', 'ml/vision')).to.equal('organization_viewer')
      expect(await server.reason(subject, 'read', 'ml/vision')).to.equal('team_member')
    }
  })

  it('revoking, and deleting, a user ends what they were given', async () => {
    const before = await signedIn()
    await world.api('POST', '/users/ann/revoke')
    expect(await server.reason(before, 'read', 'ml/vision')).to.equal('token_inactive')
    const later = await signedIn()
    expect(await server.reason(later, 'read', 'ml/vision')).to.equal('team_member')
    expect((await world.api('DELETE', '/users/ann')).status).to.equal(204)
    for (const credential of [later, ann.key]) {
      expect(await server.reason(credential, 'read', 'ml/vision')).to.equal('token_inactive')
      expect((await world.introspect(credential, server.secret)).body).to.deep.equal({ active: false })
      expect((await call(service, 'GET', '/access/v1/verify', { secret: credential })).status).to.equal(401)
    }
    expect(await server.reason({ type: 'user', id: ann.id }, 'read', 'ml/vision')).to.equal('subject_unknown')
  })
})
