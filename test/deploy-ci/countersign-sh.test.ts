/** deploy/ci/countersign.sh: the exchange with sh and curl alone, as the shell pieces have it. */
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { leaks } from '../support/leaks.ts'
import { json, startLoopback } from '../support/platforms/loopback.ts'
import { createWorkplace, type Workplace } from '../support/script.ts'
import { root, type Service, startService } from '../support/server.ts'
import { claimsIn, createWorld, type World } from '../support/world.ts'

const functions = readFileSync(join(root, 'deploy/ci/countersign.sh'), 'utf8')
const exchange = `${functions}\ncountersign_exchange token-folder\n`
const revoke = `${functions}\ncountersign_revoke token-folder\n`
const shells = [
  ['sh', '-e'],
  ['bash', '-eo', 'pipefail'],
  ['bash', '-x', '-euo', 'pipefail'],
  ['sh', '-xe'],
]

describe('deploy/ci/countersign.sh', () => {
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
  })
  afterEach(() => place.close())

  const inFolder = (name: string) => join(place.folder, 'token-folder', name)
  const tokenInFile = () => {
    const token = readFileSync(inFolder('token'), 'utf8')
    leaks.learn('an access token', token)
    return token
  }
  const env = (more: Record<string, string> = {}) => ({ COUNTERSIGN_URL: world.audience, ...more })

  for (const shell of shells)
    it(`${shell.join(' ')}: an access token in files for this user alone, and no secret in what is said`, async () => {
      const said = await place.run(exchange, { shell, env: env({ COUNTERSIGN_ID_TOKEN: world.token() }) })
      expect(said.code, said.stderr).to.equal(0)
      expect(said.stdout).to.equal('')
      expect(said.stderr).to.match(/countersign: an access token for \d+ s \(request req_\w+\)/)
      const token = tokenInFile()
      expect(claimsIn(token).sub).to.equal(world.account.id)
      expect((await world.introspect(token)).body.active).to.equal(true)
      expect(readFileSync(inFolder('header'), 'utf8')).to.equal(`Authorization: Bearer ${token}\n`)
      expect(statSync(inFolder('')).mode & 0o777).to.equal(0o700)
      for (const file of ['token', 'header']) expect(statSync(inFolder(file)).mode & 0o777).to.equal(0o600)
      for (const file of ['answer', 'headers']) expect(existsSync(inFolder(file)), file).to.equal(false)

      const revoked = await place.run(revoke, { shell, env: env() })
      expect(revoked.code).to.equal(0)
      expect((await world.introspect(token)).body.active).to.equal(false)
      expect(existsSync(inFolder(''))).to.equal(false)
      expect(place.curlCalls()).to.include('/oauth/revoke')
    })

  it('takes the ID token from a file, and from standard input; a line’s end does no harm', async () => {
    writeFileSync(join(place.folder, 'id-token'), `${world.token()}\n`)
    const byFile = await place.run(exchange, { env: env({ COUNTERSIGN_IDENTITY_TOKEN_FILE: 'id-token' }) })
    expect(byFile.code, byFile.stderr).to.equal(0)
    const byInput = await place.run(exchange, { env: env(), input: `${world.token()}\n` })
    expect(byInput.code, byInput.stderr).to.equal(0)
    const noFile = await place.run(exchange, { env: env({ COUNTERSIGN_IDENTITY_TOKEN_FILE: 'not-there' }) })
    expect(noFile).to.deep.include({ code: 1 })
  })

  it('asks for what it was told to', async () => {
    const asked = env({
      COUNTERSIGN_ID_TOKEN: world.token(),
      COUNTERSIGN_URL: `${world.audience}/`,
      COUNTERSIGN_SERVICE_ACCOUNT: 'ml/trainer',
      COUNTERSIGN_SCOPE: 'projects:read',
      COUNTERSIGN_TARGET: service.publicUrl,
      COUNTERSIGN_TOKEN_TTL: '120',
    })
    const said = await place.run(exchange, { env: asked })
    expect(said.stderr).to.include('an access token for 120 s')
    expect(claimsIn(tokenInFile())).to.deep.include({ scope: 'projects:read', aud: service.publicUrl })
    const wrong = await place.run(exchange, { env: { ...asked, COUNTERSIGN_SERVICE_ACCOUNT: 'ml/robot' } })
    expect(wrong).to.deep.include({ code: 1 })
  })

  it('says the reason of a refusal, and the request that explain takes', async () => {
    const said = await place.run(exchange, { env: env({ COUNTERSIGN_ID_TOKEN: world.token({ sub: 'other' }) }) })
    expect(said.code).to.equal(1)
    expect(said.stderr).to.match(/^countersign: no_account_matches: .+ \(HTTP 400\)$/m)
    const [, id] = /countersign explain (req_\w+)$/m.exec(said.stderr) ?? []
    expect((await world.auditOf(id)).map(({ reason }) => reason)).to.deep.equal(['no_account_matches'])
    expect(existsSync(inFolder('token'))).to.equal(false)
  })

  it('says that the platform has given nothing', async () => {
    const said = await place.run(exchange, { env: env() })
    expect(said).to.deep.include({ code: 1 })
    expect(said.stderr).to.equal('countersign: the platform has given this job no ID token\n')
    expect(place.curlCalls()).to.equal('')
  })

  const urls = [
    '',
    'http://countersign.example/orgs/acme',
    'http://localhost.evil.example/orgs/acme',
    'http://127.0.0.1@evil.example/orgs/acme',
    'https://user:pass@countersign.example/orgs/acme',
    'https://countersign.example/orgs/acme?a=b',
    'https://countersign.example/orgs/acme\nhttps://evil.example',
    'file:///etc/passwd',
    '-K/etc/passwd',
  ]
  for (const url of urls)
    it(`sends nothing to ${JSON.stringify(url)}`, async () => {
      const said = await place.run(exchange, { env: { COUNTERSIGN_URL: url, COUNTERSIGN_ID_TOKEN: world.token() } })
      expect(said.code).to.equal(1)
      expect(said.stderr).to.include('COUNTERSIGN_URL')
      expect(place.curlCalls()).to.equal('')
    })

  it('follows no redirect, and no settings of the user', async () => {
    const elsewhere = await startLoopback(() => json({ access_token: 'not-a-token' }))
    const server = await startLoopback(() => ({
      status: 307,
      headers: { location: `${elsewhere.origin}/oauth/token` },
    }))
    writeFileSync(join(place.folder, '.curlrc'), 'location\nverbose\n')
    const said = await place.run(exchange, {
      env: { COUNTERSIGN_URL: `${server.origin}/orgs/acme`, COUNTERSIGN_ID_TOKEN: world.token() },
    })
    expect(said).to.deep.include({ code: 1, stderr: 'countersign: no access token:  (HTTP 307)\n' })
    expect(server.asked).to.have.lengthOf(1)
    expect(elsewhere.asked).to.have.lengthOf(0)
    await server.close()
    await elsewhere.close()
  })

  it('tries again what may succeed later, and nothing else', async () => {
    const answers = [
      { ...json({}, 503), headers: { 'retry-after': '0' } },
      json({ access_token: 'abc.def', expires_in: 9, token_type: 'Bearer' }),
      json({ reason: 'token_expired', error_description: 'the \\"token\\" has "expired"' }, 400),
    ]
    const server = await startLoopback(() => answers.shift() ?? null)
    const given = { COUNTERSIGN_URL: `${server.origin}/orgs/acme`, COUNTERSIGN_ID_TOKEN: world.token() }
    const granted = await place.run(exchange, { env: given })
    expect(granted.code, granted.stderr).to.equal(0)
    expect(server.asked).to.have.lengthOf(2)
    const refused = await place.run(exchange, { env: given })
    expect(refused.stderr).to.include('token_expired: the ')
    expect(server.asked).to.have.lengthOf(3)
    await server.close()
  })

  for (const [what, body] of [
    ['a page', '<html>'],
    ['a token that is a header of its own', JSON.stringify({ access_token: 'a\\r\\nX: y', expires_in: 1 })],
  ] as const)
    it(`takes ${what} for no access token`, async () => {
      const server = await startLoopback(() => ({ status: 200, body }))
      const said = await place.run(exchange, {
        env: { COUNTERSIGN_URL: `${server.origin}/orgs/acme`, COUNTERSIGN_ID_TOKEN: world.token() },
      })
      expect(said.code).to.equal(1)
      expect(said.stderr).to.include('does not answer as Countersign does')
      expect(existsSync(inFolder('header'))).to.equal(false)
      await server.close()
    })

  it('writes into no folder that somebody else has put there', async () => {
    mkdirSync(join(place.folder, 'elsewhere'))
    symlinkSync(join(place.folder, 'elsewhere'), join(place.folder, 'token-folder'))
    const said = await place.run(exchange, { env: env({ COUNTERSIGN_ID_TOKEN: world.token() }) })
    expect(said.code).to.equal(1)
    expect(existsSync(inFolder('token'))).to.equal(false)
  })

  it('cleans up whatever comes of revoking, and fails nobody', async () => {
    const nothing = await place.run(revoke, { env: env() })
    expect(nothing).to.deep.equal({ code: 0, stdout: '', stderr: '' })
    await place.run(exchange, { env: env({ COUNTERSIGN_ID_TOKEN: world.token() }) })
    tokenInFile()
    const server = await startLoopback(() => ({ status: 500 }))
    const said = await place.run(revoke, { env: { COUNTERSIGN_URL: `${server.origin}/orgs/acme` } })
    expect(said.code).to.equal(0)
    expect(said.stderr).to.equal('countersign: warning: the access token was not revoked (500); it ends by itself\n')
    expect(existsSync(inFolder(''))).to.equal(false)
    await server.close()
  })

  it('needs a curl, and says so', async () => {
    const said = await place.run(`PATH=/nowhere\n${exchange}`, {
      shell: ['sh'],
      env: env({ COUNTERSIGN_ID_TOKEN: world.token() }),
    })
    expect(said.code).to.equal(1)
    expect(said.stderr).to.include('there is no curl here')
  })
})
