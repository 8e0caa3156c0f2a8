/** Lists that are looked through, by a part of a name. */
import { expect } from 'chai'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { call, type Service, startService } from '../support/server.ts'
import { createWorld, must, type Named, type World } from '../support/world.ts'

describe('journey: lists that are looked through', () => {
  let provider: Provider
  let service: Service
  let world: World
  let member: string

  before(async () => {
    provider = await startProvider()
    service = await startService()
    world = await createWorld(service, provider)
    const foreign = await createWorld(service, provider, { org: 'globex' })
    const { make } = world
    const jwks = provider.publicJwks()
    for (const name of ['vision', 'vision_2', 'audio']) {
      await make('/teams', { name })
      await make('/users', { username: name, email: `Some.${name}@Example.com` })
      await make('/issuers', { name, issuer: `https://${name.replace('_', '-')}.example`, jwks })
      await make('/resource-servers', { name, audience: `https://${name}.example` })
      await make('/teams/ml/projects', { name, visibility: 'team' })
      await make(world.accounts, { name, method: 'api_key' })
    }
    await foreign.make('/teams', { name: 'vision-of-globex' })
    await make('/teams/ml/projects', { name: 'vision-secret', visibility: 'restricted' })
    await make('/teams/ml/projects', { name: 'vision-shared', visibility: 'restricted' })
    const { id } = await make('/users', { username: 'member', email: 'member@acme.example' })
    await must(world.api('PUT', `/teams/ml/members/${id}`, { role: 'member' }))
    await must(world.api('PUT', `/teams/ml/projects/vision-shared/members/${id}`, { role: 'viewer' }))
    member = String((await make(`/users/${id}/keys`, {})).secret)
  })
  after(async () => {
    await service?.close()
    await provider?.close()
  })

  type List = { names: string[]; next: string | null }
  async function list(path: string, query: string, secret = world.adminKey): Promise<List> {
    const { items, next_cursor } = await must(call(service, 'GET', `${world.path}${path}?${query}`, { secret }))
    return { names: (items as Named[]).map(({ name }) => name), next: next_cursor as string | null }
  }

  const paths = ['/teams', '/users', '/issuers', '/resource-servers', '/teams/ml/projects']
  for (const path of [...paths, '/service-accounts', '/teams/ml/service-accounts'])
    it(`${path}: in whatever case, letter by letter, page after page`, async () => {
      const both = path.endsWith('projects') ? ['vision-secret', 'vision-shared'] : []
      expect((await list(path, 'q=ISION')).names).to.deep.equal(['vision', 'vision_2', ...both])
      expect((await list(path, 'q=n_2')).names).to.deep.equal(['vision_2'])
      for (const q of ['%', '%25', 'v%25n', 'v_sion', '%5C', '%27', 'nothing'].map(encodeURIComponent))
        expect(await list(path, `q=${q}`), q).to.deep.equal({ names: [], next: null })
      const first = await list(path, 'q=vision&limit=1')
      expect(first.names).to.deep.equal(['vision'])
      const second = await list(path, `q=vision&limit=1&cursor=${first.next}`)
      expect(second.names).to.deep.equal(['vision_2'])
      expect((await list(path, 'q=')).names).to.deep.equal((await list(path, '')).names)
      const refused = await world.api('GET', `${path}?q=a%00b`)
      expect(refused.body).to.include({ status: 400, reason: 'query_invalid' })
    })

  it('finds the accounts of one team by their method too', async () => {
    await world.make('/teams/audio/service-accounts', { name: 'vision', method: 'api_key' })
    expect((await list('/teams/audio/service-accounts', '')).names).to.deep.equal(['vision'])
    expect((await list(world.accounts, 'method=federated')).names).to.deep.equal(['trainer'])
    expect((await list(world.accounts, 'method=federated&q=vision')).names).to.deep.equal([])
    const refused = await world.api('GET', `${world.accounts}?scope=team`)
    expect(refused.body).to.include({ status: 400, reason: 'query_invalid' })
  })

  it('finds the accounts of a scope, and names the team of each', async () => {
    const all = '/service-accounts'
    await world.make(all, { name: 'wide', default_team: 'audio' })
    expect((await list(all, 'scope=organization')).names).to.deep.equal(['wide'])
    const { names } = await list(all, 'scope=team')
    expect(names).to.include.members(['trainer', 'robot']).and.not.include('wide')
    expect((await list(all, 'scope=team&team=ml')).names)
      .to.include('trainer')
      .and.not.include('wide')
    expect(await list(all, 'scope=organization&team=ml')).to.deep.equal({ names: [], next: null })
    expect((await list(all, 'scope=team&q=wide')).names).to.deep.equal([])
    const { items } = await must(world.api('GET', `${all}?q=wide`))
    expect(items).to.have.lengthOf(1)
    expect((items as object[])[0]).to.include({ name: 'wide', team: null, default_team: 'audio' })
    const [trainer] = (await must(world.api('GET', `${all}?q=trainer`))).items as object[]
    expect(trainer).to.include({ team: 'ml', default_team: null })
  })

  it('finds users by their e-mail address too', async () => {
    expect((await list('/users', 'q=some.AUDIO%40example')).names).to.deep.equal(['audio'])
  })

  it('tells nobody of a restricted project that is not theirs, by no page and no cursor', async () => {
    const projects = '/teams/ml/projects'
    expect(await list(projects, 'q=secret', member)).to.deep.equal({ names: [], next: null })
    expect(await list(projects, 'q=vision-s&limit=1', member)).to.deep.equal({ names: ['vision-shared'], next: null })
    expect(await list(projects, 'limit=4', member)).to.deep.equal({
      names: ['vision', 'vision_2', 'audio', 'vision-shared'],
      next: null,
    })
    const first = await list(projects, 'limit=3', member)
    expect(first.names).to.deep.equal(['vision', 'vision_2', 'audio'])
    expect(await list(projects, `limit=3&cursor=${first.next}`, member)).to.deep.equal({
      names: ['vision-shared'],
      next: null,
    })
  })
})
