import { expect } from 'chai'
import { claimsOf } from '../../../src/client/sources/unverified.ts'
import { type Provider, startProvider } from '../../support/identity-provider.ts'
import { startGitlab } from '../../support/platforms/gitlab.ts'
import { audience, failure, findIn } from './asked.ts'

describe('client/sources/gitlab', () => {
  let provider: Provider
  before(async () => {
    provider = await startProvider()
  })
  after(() => provider?.close())
  const byConvention = 'HTTPS___COUNTERSIGN_EXAMPLE_ORGS_ACME_ID_TOKEN'

  it('takes COUNTERSIGN_ID_TOKEN, else the one that bears the name of the audience', async () => {
    const both = await startGitlab(provider, {
      idTokens: { COUNTERSIGN_ID_TOKEN: audience, [byConvention]: [audience, 'x'], AWS_ID_TOKEN: 'sts.amazonaws.com' },
    })
    const found = await findIn(both.env)
    expect(found).to.deep.equal({ token: both.env.COUNTERSIGN_ID_TOKEN, type: 'jwt', source: 'gitlab' })
    expect(claimsOf(found.token)).to.include({ project_path: 'acme/app', aud: audience })
    const one = await startGitlab(provider, { idTokens: { [byConvention]: audience } })
    for (const COUNTERSIGN_ID_TOKEN of [undefined, '', ' '])
      expect((await findIn({ ...one.env, COUNTERSIGN_ID_TOKEN })).token).to.equal(one.env[byConvention])
    const short = await startGitlab(provider, {
      idTokens: { SIGSTORE_ID_TOKEN: 'sigstore', _FA_ST_ID_TOKEN: '2fa-st' },
    })
    expect((await findIn(short.env, { audience: 'sigstore' })).token).to.equal(short.env.SIGSTORE_ID_TOKEN)
    expect((await findIn(short.env, { audience: '2fa-st' })).token).to.equal(short.env._FA_ST_ID_TOKEN)
  })

  it('never takes one that is meant for somebody else', async () => {
    const { env } = await startGitlab(provider, { idTokens: { AWS_ID_TOKEN: 'sts.amazonaws.com', ID_TOKEN: audience } })
    const error = await failure(findIn({ ...env, CI_JOB_JWT: env.AWS_ID_TOKEN, CI_JOB_JWT_V2: env.AWS_ID_TOKEN }))
    expect(error).to.include({ source: 'gitlab', code: 'permission_missing' })
  })

  it('says what the job has to have, so that it may be pasted', async () => {
    const { env } = await startGitlab(provider)
    const error = await failure(findIn(env))
    expect(error.message).to.contain(`COUNTERSIGN_ID_TOKEN, ${byConvention}`)
    expect(error.hint).to.equal(
      "add to the job: id_tokens: { COUNTERSIGN_ID_TOKEN: { aud: 'https://countersign.example/orgs/acme' } }",
    )
    expect((await failure(findIn(env, { audience: undefined }))).hint).to.contain('URL OF THE ORGANIZATION')
  })

  it('says whom a token is for that is ours by name only', async () => {
    const { env } = await startGitlab(provider, { idTokens: { COUNTERSIGN_ID_TOKEN: 'https://gitlab.com' } })
    expect((await findIn(env)).hint).to.contain('the token is for https://gitlab.com, and not for')
  })

  it('cannot refresh what has expired', async () => {
    const { env } = await startGitlab(provider, {
      idTokens: { COUNTERSIGN_ID_TOKEN: audience },
      claims: { exp: Math.floor(Date.now() / 1000) - 60 },
    })
    const error = await failure(findIn(env))
    expect(error).to.include({
      code: 'subject_token_expired',
      retryable: false,
      hint: 'GitLab ID tokens live as long as the job; exchange early or raise the TTL',
    })
  })
})
