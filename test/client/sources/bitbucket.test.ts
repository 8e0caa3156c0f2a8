import { expect } from 'chai'
import { type Provider, startProvider } from '../../support/identity-provider.ts'
import { startBitbucket, workspaceAudience } from '../../support/platforms/bitbucket.ts'
import { audience, failure, findIn } from './asked.ts'

describe('client/sources/bitbucket', () => {
  let provider: Provider
  before(async () => {
    provider = await startProvider()
  })
  after(() => provider?.close())

  it('takes the token of the step, which is for us among others', async () => {
    for (const audiences of [[audience], ['sts.amazonaws.com', audience]]) {
      const { env } = await startBitbucket(provider, { oidc: { audiences } })
      expect(await findIn(env)).to.deep.equal({
        token: env.BITBUCKET_STEP_OIDC_TOKEN,
        type: 'jwt',
        source: 'bitbucket',
      })
    }
  })

  it('says what the issuer has to accept when it is for the workspace', async () => {
    const { env } = await startBitbucket(provider)
    const found = await findIn(env)
    expect(found.token).to.equal(env.BITBUCKET_STEP_OIDC_TOKEN)
    expect(found.hint).to.contain(workspaceAudience).and.to.contain(`oidc: { audiences: ['${audience}'] }`)
    expect(await findIn(env, { audience: workspaceAudience })).to.not.have.property('hint')
    expect(await findIn(env, { audience: undefined })).to.not.have.property('hint')
  })

  it('does not show us one that was made for somebody else', async () => {
    const { env } = await startBitbucket(provider, { oidc: { audiences: ['sts.amazonaws.com'] } })
    const error = await failure(findIn(env))
    expect(error).to.include({ source: 'bitbucket', code: 'subject_token_misaddressed' })
    expect(error.message).to.contain('is for sts.amazonaws.com, and not for https://countersign.example/orgs/acme')
    expect(error.hint).to.contain(`oidc: { audiences: ['${audience}'] }`)
  })

  it('says what the step lacks, and what it had', async () => {
    const none = await startBitbucket(provider, { oidc: false })
    const error = await failure(findIn(none.env))
    expect(error).to.include({ code: 'permission_missing' })
    expect(error.hint).to.contain('oidc: true').and.to.contain(`oidc: { audiences: ['${audience}'] }`)
    const old = await startBitbucket(provider, { oidc: { audiences: [audience] }, claims: { exp: 1_700_000_000 } })
    expect((await failure(findIn(old.env))).hint).to.contain('one token, and never another')
  })
})
