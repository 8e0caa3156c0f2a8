import { inspect } from 'node:util'
import { expect } from 'chai'
import { claimsOf } from '../../../src/client/sources/unverified.ts'
import { type Provider, startProvider } from '../../support/identity-provider.ts'
import { type Circleci, organizationId, startCircleci } from '../../support/platforms/circleci.ts'
import { audience, failure, findIn } from './asked.ts'

describe('client/sources/circleci', () => {
  let provider: Provider
  let circleci: Circleci
  before(async () => {
    provider = await startProvider()
    circleci = await startCircleci(provider)
  })
  after(async () => {
    await circleci?.close()
    await provider?.close()
  })

  it('has a token made for us, by the issuer of the organization', async () => {
    const found = await findIn(circleci.env)
    expect(found).to.include({ type: 'jwt', source: 'circleci' }).and.not.have.property('hint')
    expect(claimsOf(found.token)).to.include({ aud: audience })
    // Not the root issuer's, which every organization has tokens of.
    expect(circleci.program.calls.at(-1)).to.deep.equal([
      'run',
      'oidc',
      'get',
      '--claims',
      JSON.stringify({ aud: audience }),
    ])
    const odd = `a"b $(id) ' \\ ü`
    expect(claimsOf((await findIn(circleci.env, { audience: odd })).token)?.aud).to.equal(odd)
  })

  it('takes the one of the environment where it is the one that is wanted', async () => {
    const before = circleci.program.calls.length
    const found = await findIn(circleci.env, { audience: organizationId })
    expect(found).to.deep.equal({ token: circleci.env.CIRCLE_OIDC_TOKEN_V2, type: 'jwt', source: 'circleci' })
    expect((await findIn(circleci.env, { audience: undefined })).token).to.equal(circleci.env.CIRCLE_OIDC_TOKEN_V2)
    const first = { ...circleci.env, CIRCLE_OIDC_TOKEN_V2: '' }
    expect((await findIn(first, { audience: organizationId })).token).to.equal(circleci.env.CIRCLE_OIDC_TOKEN)
    expect(circleci.program.calls.length).to.equal(before)
  })

  it('has a new one made where that has expired', async () => {
    const now = () => Date.now() + 3_601_000
    const error = await failure(findIn(circleci.envWithoutProgram, { audience: organizationId }, { now }))
    expect(error).to.include({ code: 'subject_token_expired' })
    expect(error.hint).to.contain('`circleci run oidc get` makes a new one')
    const before = circleci.program.calls.length
    await failure(findIn(circleci.env, { audience: organizationId }, { now }))
    expect(circleci.program.calls.length).to.equal(before + 1)
  })

  it('says what the issuer has to accept, where there is no program', async () => {
    const found = await findIn(circleci.envWithoutProgram)
    expect(found.token).to.equal(circleci.env.CIRCLE_OIDC_TOKEN_V2)
    expect(found.hint).to.contain(`let the issuer accept ${organizationId} and set COUNTERSIGN_AUDIENCE to it`)
  })

  it('says why there is none', async () => {
    const fork = await failure(findIn(circleci.envOfFork))
    expect(fork).to.include({ source: 'circleci', code: 'permission_missing' })
    expect(fork.hint).to.match(/^a pull request from a fork/)
    const { CIRCLE_PR_USERNAME: _, CIRCLE_PR_REPONAME: __, ...container } = circleci.envOfFork
    expect((await failure(findIn(container))).hint).to.contain('hand CIRCLE_OIDC_TOKEN_V2 on to it')
  })

  it('says what the program said, and nothing that could be a secret', async () => {
    const secret = provider.token()
    circleci.instead.push({
      code: 1,
      stdout: secret,
      stderr: `trying\n\u001b[31mError: no, ${secret} is bad\u001b[0m\n\n`,
    })
    const error = await failure(findIn(circleci.env))
    expect(error).to.include({ code: 'program_failed', message: 'circleci: circleci failed: Error: no, … is bad' })
    for (const part of secret.split('.')) expect(inspect(error, { depth: 9 })).to.not.contain(part)
    circleci.instead.push({ code: 1 })
    expect((await failure(findIn(circleci.env))).message).to.equal('circleci: circleci failed')
    circleci.instead.push({ stdout: 'Usage: circleci\n' })
    expect(await failure(findIn(circleci.env))).to.include({ code: 'subject_token_malformed' })
    circleci.instead.push({ stdout: '\n' })
    expect(await failure(findIn(circleci.env))).to.include({ code: 'subject_token_empty' })
    expect(circleci.instead).to.deep.equal([])
  })

  it('ends the program when there is no more time', async () => {
    const stop = new AbortController()
    const reason = new Error('enough')
    circleci.instead.push(null)
    const waiting = failure(findIn(circleci.env, { signal: stop.signal }))
    while (circleci.instead.length > 0) await new Promise(setImmediate)
    stop.abort(reason)
    expect(await waiting).to.equal(reason)
  })
})
