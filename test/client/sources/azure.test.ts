import { inspect } from 'node:util'
import { expect } from 'chai'
import { createSubjectFinder } from '../../../src/client/sources/find.ts'
import { claimsOf } from '../../../src/client/sources/unverified.ts'
import { type Provider, startProvider } from '../../support/identity-provider.ts'
import { type Azure, startAppService, startAzureMachine } from '../../support/platforms/azure.ts'
import { json } from '../../support/platforms/loopback.ts'
import { machine } from '../../support/platforms/machine.ts'
import { ask, audience, failure } from './asked.ts'

const identity = '00001111-aaaa-2222-bbbb-3333cccc4444'

for (const [name, start, source] of [
  ['azure-app-service', startAppService, 'auto'],
  ['azure-imds', startAzureMachine, 'azure-imds'],
] as const)
  describe(`client/sources/${name}`, () => {
    let provider: Provider
    let azure: Azure
    let assigned: Azure
    before(async () => {
      provider = await startProvider()
      azure = await start(provider, { applications: [audience] })
      assigned = await start(provider, {
        applications: [audience],
        hasSystemIdentity: false,
        identities: [identity],
      })
    })
    after(async () => {
      await assigned?.close()
      await azure?.close()
      await provider?.close()
    })
    const find = (here = azure.surroundings, own: Parameters<typeof ask>[0] = {}) =>
      createSubjectFinder(source, here)(ask(own))

    it('has a token made for us', async () => {
      const found = await find()
      expect(found.source).to.equal(name)
      expect(claimsOf(found.token)).to.include({ aud: audience, tid: 'aaaabbbb-0000-cccc-1111-dddd2222eeee' })
    })

    it('is of the user-assigned identity that AZURE_CLIENT_ID names', async () => {
      const { surroundings } = assigned
      const here = { ...surroundings, env: { ...surroundings.env, AZURE_CLIENT_ID: identity } }
      expect(claimsOf((await find(here)).token)?.aud).to.equal(audience)
      const error = await failure(find(surroundings))
      expect(error).to.include({ code: 'no_platform_identity', retryable: false })
      expect(error.message).to.equal(`${name}: no token was given (400 invalid_request)`)
      expect(error.hint).to.contain('AZURE_CLIENT_ID')
    })

    it('says that Entra ID has to know whom the token is for', async () => {
      const error = await failure(find(azure.surroundings, { audience: 'https://elsewhere.example/orgs/x' }))
      expect(error).to.include({ code: 'audience_not_registered', retryable: false })
      expect(error.message).to.equal(`${name}: Entra ID knows no application called https://elsewhere.example/orgs/x`)
      expect(error.hint).to.match(/Application ID URI.*COUNTERSIGN_AUDIENCE/)
    })

    it('tries again what Microsoft wants tried again, and repeats no description', async () => {
      for (const status of [404, 410, 429, 500, 503]) {
        azure.instead.push(json({ error: 'unknown', error_description: 'as-secret-as-can-be' }, status))
        const error = await failure(find())
        expect(error).to.include({ retryable: true })
        expect(inspect(error)).to.not.contain('as-secret-as-can-be')
      }
      azure.instead.push({ status: 200, body: 'no JSON' })
      expect(await failure(find())).to.include({ retryable: true })
    })

    it('asks nobody without an audience', async () => {
      const before = azure.asked.length
      const error = await failure(find(azure.surroundings, { audience: undefined }))
      expect(error).to.include({ code: 'audience_unknown' })
      expect(azure.asked.length).to.equal(before)
    })
  })

describe('client/sources/azure-app-service', () => {
  it('is not at home on Service Fabric or Arc, which set some of the same variables', async () => {
    const whole = { IDENTITY_ENDPOINT: 'http://127.0.0.1:1/msi/token', IDENTITY_HEADER: 'x' }
    for (const env of [
      { ...whole, IDENTITY_SERVER_THUMBPRINT: 'x' },
      { IDENTITY_ENDPOINT: whole.IDENTITY_ENDPOINT, IMDS_ENDPOINT: 'http://127.0.0.1:1' },
      { IDENTITY_HEADER: 'x' },
    ])
      expect(await failure(createSubjectFinder('auto', machine({ env }))(ask()))).to.include({
        code: 'no_ambient_credential',
      })
  })

  it('shows its header to nobody over a plain line', async () => {
    const env = { IDENTITY_ENDPOINT: 'http://identity.example/msi/token', IDENTITY_HEADER: 'header-of-the-tests' }
    const here = machine({ env })
    const error = await failure(createSubjectFinder('auto', here)(ask()))
    expect(error.message).to.equal('azure-app-service: identity.example is not asked over http: it takes https')
    expect(inspect(error)).to.not.contain(env.IDENTITY_HEADER)
    expect(here.astray).to.deep.equal([])
  })
})

describe('client/sources/azure-imds', () => {
  it('is only for those who name it', async () => {
    const provider = await startProvider()
    const azure = await startAzureMachine(provider, { applications: [audience] })
    const error = await failure(createSubjectFinder('auto', azure.surroundings)(ask()))
    expect(error).to.include({ code: 'no_ambient_credential' })
    expect(azure.asked).to.deep.equal([])
    await azure.close()
    await provider.close()
  })

  it('finds out in a second that nobody is there', async () => {
    const here = machine({ routes: { 'http://169.254.169.254': null } })
    const start = performance.now()
    const error = await failure(createSubjectFinder('azure-imds', here)(ask()))
    expect(performance.now() - start).to.be.within(900, 3_000)
    expect(error).to.include({ retryable: true })
    expect(error.hint).to.contain('machines of Azure')
  })
})
