import { inspect } from 'node:util'
import { expect } from 'chai'
import { claimsOf } from '../../../src/client/sources/unverified.ts'
import { type Provider, startProvider } from '../../support/identity-provider.ts'
import { type AzurePipelines, fixedAudience, startAzurePipelines } from '../../support/platforms/azure-pipelines.ts'
import { failure, findIn } from './asked.ts'

describe('client/sources/azure-pipelines', () => {
  let provider: Provider
  let azure: AzurePipelines
  before(async () => {
    provider = await startProvider()
    azure = await startAzurePipelines(provider)
  })
  after(async () => {
    await azure?.close()
    await provider?.close()
  })

  it('asks for the token of the pipeline, and says what the issuer has to accept', async () => {
    const found = await findIn(azure.env)
    expect(found).to.include({ type: 'jwt', source: 'azure-pipelines' })
    expect(claimsOf(found.token)).to.include({ aud: fixedAudience, sub: 'p://acme/train/acme.app' })
    expect(found.hint).to.contain('api://AzureADTokenExchange').and.to.contain('let the issuer accept that')
    expect(await findIn(azure.env, { audience: fixedAudience })).to.not.have.property('hint')
  })

  it('knows the way on an agent that does not tell it whole', async () => {
    expect(claimsOf((await findIn(azure.envOfOldAgent)).token)?.aud).to.equal(fixedAudience)
    const slashless = azure.envOfOldAgent.SYSTEM_TEAMFOUNDATIONCOLLECTIONURI?.replace(/\/$/, '')
    const env = { ...azure.envOfOldAgent, SYSTEM_TEAMFOUNDATIONCOLLECTIONURI: slashless }
    expect((await findIn(env)).source).to.equal('azure-pipelines')
    const lacking = await failure(findIn({ ...azure.envOfOldAgent, SYSTEM_PLANID: undefined }))
    expect(lacking.message).to.contain('neither SYSTEM_OIDCREQUESTURI nor SYSTEM_PLANID is set')
  })

  it('says how a step gets its access token', async () => {
    for (const SYSTEM_ACCESSTOKEN of [undefined, '', '$(System.AccessToken)']) {
      const error = await failure(findIn({ ...azure.envUnmapped, SYSTEM_ACCESSTOKEN }))
      expect(error).to.include({ source: 'azure-pipelines', code: 'permission_missing' })
      expect(error.hint).to.contain('env: { SYSTEM_ACCESSTOKEN: $(System.AccessToken) }')
    }
  })

  it('says what went wrong, and never with what it asked', async () => {
    const denied = await failure(findIn({ ...azure.env, SYSTEM_ACCESSTOKEN: 'of-another-job' }))
    expect(denied).to.include({ retryable: false })
    expect(denied.message).to.contain('answered with 401')
    expect(denied.hint).to.contain('good for its own job')
    azure.instead.push({ status: 403 })
    const fork = await failure(findIn({ ...azure.env, SYSTEM_PULLREQUEST_ISFORK: 'True' }))
    expect(fork.hint).to.contain('builds of forks')
    azure.instead.push({ status: 500 }, { status: 200, body: '<html>' })
    const [busy, page] = [await failure(findIn(azure.env)), await failure(findIn(azure.env))]
    expect(busy).to.include({ retryable: true })
    expect(page.message).to.contain('no JSON with a "oidcToken"')
    expect(await failure(findIn({ ...azure.env, SYSTEM_OIDCREQUESTURI: 'x' }))).to.include({ retryable: false })
    for (const error of [denied, busy, page])
      expect(inspect(error, { depth: 9 }))
        .to.not.contain(azure.env.SYSTEM_ACCESSTOKEN)
        .and.not.contain('of-another-job')
  })
})
