import { expect } from 'chai'
import { claimsOf } from '../../../src/client/sources/unverified.ts'
import { type Provider, startProvider } from '../../support/identity-provider.ts'
import { startHcpTerraform } from '../../support/platforms/hcp-terraform.ts'
import { audience, failure, findIn } from './asked.ts'

describe('client/sources/hcp-terraform', () => {
  let provider: Provider
  before(async () => {
    provider = await startProvider()
  })
  after(() => provider?.close())

  it('takes the token that bears our tag, else the one that is for us', async () => {
    const tagged = { TFC_WORKLOAD_IDENTITY_AUDIENCE_COUNTERSIGN: audience, TFC_WORKLOAD_IDENTITY_AUDIENCE: 'x' }
    const { env } = await startHcpTerraform(provider, { variables: tagged })
    const found = await findIn(env)
    expect(found).to.deep.include({ token: env.TFC_WORKLOAD_IDENTITY_TOKEN_COUNTERSIGN, source: 'hcp-terraform' })
    expect(claimsOf(found.token)).to.include({ terraform_run_phase: 'apply', aud: audience })
    const plain = await startHcpTerraform(provider, { variables: { TFC_WORKLOAD_IDENTITY_AUDIENCE: audience } })
    expect((await findIn(plain.env)).token).to.equal(plain.env.TFC_WORKLOAD_IDENTITY_TOKEN)
    // The one without a tag may be meant for anybody.
    expect(await failure(findIn(plain.env, { audience: undefined }))).to.include({ code: 'audience_unknown' })
    expect((await findIn(env, { audience: undefined })).source).to.equal('hcp-terraform')
  })

  it('does not show us one that was made for somebody else', async () => {
    const variables = { TFC_WORKLOAD_IDENTITY_AUDIENCE: 'vault.workload.identity' }
    const { env } = await startHcpTerraform(provider, { variables })
    const error = await failure(findIn(env))
    expect(error).to.include({ source: 'hcp-terraform', code: 'subject_token_misaddressed' })
    expect(error.hint).to.contain(`TFC_WORKLOAD_IDENTITY_AUDIENCE_COUNTERSIGN = ${audience}`)
  })

  it('says which variable the workspace lacks, and that a token is the only one', async () => {
    const { env } = await startHcpTerraform(provider, { variables: { TFC_WORKLOAD_IDENTITY_AUDIENCE_AWS: 'aws' } })
    const error = await failure(findIn(env))
    expect(error).to.include({ code: 'permission_missing' })
    expect(error.hint).to.contain(`TFC_WORKLOAD_IDENTITY_AUDIENCE_COUNTERSIGN = ${audience}`)
    const variables = { TFC_WORKLOAD_IDENTITY_AUDIENCE_COUNTERSIGN: audience }
    const old = await startHcpTerraform(provider, { variables, claims: { exp: 1_700_000_000 } })
    expect((await failure(findIn(old.env))).hint).to.contain('one token, and never another')
  })
})
