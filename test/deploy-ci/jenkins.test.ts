/** deploy/ci/jenkins: the step's script as Jenkins runs it, which shows every command. */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { leaks } from '../support/leaks.ts'
import { startLoopback } from '../support/platforms/loopback.ts'
import { createWorkplace, type Workplace } from '../support/script.ts'
import { root, type Service, startService } from '../support/server.ts'
import { createWorld, type World } from '../support/world.ts'

const text = readFileSync(join(root, 'deploy/ci/jenkins/Jenkinsfile'), 'utf8')
const [, script = ''] = /sh '''\n(.*?)'''/s.exec(text) ?? []
const environment = Object.fromEntries(
  [...text.matchAll(/^ +(\w+) = '([^']*)'$/gm)].map(([, name, value]) => [name as string, value as string]),
)

describe('the Jenkinsfile', () => {
  let provider: Provider
  let service: Service
  let world: World
  let place: Workplace
  before(async () => {
    provider = await startProvider()
    service = await startService()
    world = await createWorld(service, provider)
  })
  after(async () => {
    await service?.close()
    await provider?.close()
  })
  beforeEach(async () => {
    place = await createWorkplace()
    mkdirSync(join(place.folder, 'ci'))
    copyFileSync(join(root, 'deploy/ci/countersign.sh'), join(place.folder, 'ci/countersign.sh'))
  })
  afterEach(() => place.close())

  /** The workspace is the checkout; the credential is a file, for the step alone. */
  const run = (API_URL: string, claims = {}) => {
    const file = join(place.folder, '..', 'id-token')
    writeFileSync(file, world.token(claims), { mode: 0o600 })
    const ours = { COUNTERSIGN_URL: world.audience, COUNTERSIGN_SERVICE_ACCOUNT: 'ml/trainer', API_URL }
    expect(Object.keys(environment)).to.have.members(Object.keys(ours))
    return place.run(script, { shell: ['sh', '-xe'], env: { ...ours, COUNTERSIGN_IDENTITY_TOKEN_FILE: file } })
  }

  for (const status of [204, 500])
    it(`the step has a token, and it ends with the step (${status})`, async () => {
      const api = await startLoopback(() => ({ status }))
      const said = await run(api.origin)
      expect(said.code === 0, said.stderr).to.equal(status === 204)
      const token = String(api.asked[0]?.headers.authorization).replace('Bearer ', '')
      leaks.learn('an access token', token)
      leaks.refuse('the log', said.stdout, said.stderr)
      expect(token).to.match(/^eyJ/)
      expect((await world.introspect(token)).body.active).to.equal(false)
      expect(readdirSync(place.temporary)).to.deep.equal([])
      await api.close()
    })

  it('a refusal ends the step before anything is done', async () => {
    const api = await startLoopback(() => ({ status: 204 }))
    const said = await run(api.origin, { sub: 'other' })
    expect(said.code).to.equal(1)
    expect(said.stderr).to.match(/no_account_matches: [\s\S]+countersign explain req_/)
    expect(api.asked).to.deep.equal([])
    expect(readdirSync(place.temporary)).to.deep.equal([])
    await api.close()
  })

  it('is closed where it opens; Groovy leaves its script as it stands', () => {
    const outside = text.replace(/'''.*?'''/s, '').replaceAll(/\/\/.*$/gm, '')
    expect(outside.split('{').length).to.equal(outside.split('}').length)
    expect(script).to.not.equal('').and.to.not.include('\\')
    expect(text).to.include("file(credentialsId: 'countersign', variable: 'COUNTERSIGN_IDENTITY_TOKEN_FILE')")
  })
})
