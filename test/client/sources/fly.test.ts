import { expect } from 'chai'
import { createSubjectFinder } from '../../../src/client/sources/find.ts'
import { fly } from '../../../src/client/sources/fly.ts'
import { claimsOf } from '../../../src/client/sources/unverified.ts'
import { type Provider, startProvider } from '../../support/identity-provider.ts'
import { type Fly, startFly } from '../../support/platforms/fly.ts'
import { machine } from '../../support/platforms/machine.ts'
import { ask, audience, failure } from './asked.ts'

describe('client/sources/fly', () => {
  let provider: Provider
  let platform: Fly
  before(async () => {
    provider = await startProvider()
    platform = await startFly(provider)
  })
  after(async () => {
    await platform?.close()
    await provider?.close()
  })
  const find = (here = platform.surroundings, own: Parameters<typeof ask>[0] = {}) =>
    createSubjectFinder('auto', here)(ask(own))

  it('has a token made for us, over the socket of the machine', async () => {
    const { token, source } = await find()
    expect(source).to.equal('fly')
    expect(claimsOf(token)).to.include({ aud: audience, app_id: '3671581' })
    expect(platform.asked.at(-1)).to.deep.equal({
      method: 'POST',
      path: '/v1/tokens/oidc',
      body: JSON.stringify({ aud: audience }),
    })
  })

  it('is at home in a machine, and not where somebody deploys', async () => {
    expect(await fly.detect?.(platform.surroundings)).to.equal(true)
    expect(await fly.detect?.(machine({ env: { FLY_APP_NAME: 'trainer' } }))).to.equal(false)
  })

  it('may be asked again when nobody answers, and says where to look', async () => {
    const error = await failure(find(machine({ env: platform.surroundings.env })))
    expect(error).to.include({ retryable: true, code: 'platform_unavailable' })
    expect(error.message).to.equal('fly: nobody answers at /.fly/api')
    expect(error.hint).to.contain('in every machine')
  })

  it('tells what may pass from what will not', async () => {
    for (const [status, retryable] of [
      [503, true],
      [429, true],
      [400, false],
    ] as const) {
      platform.instead.push(status)
      expect(await failure(find())).to.include({ retryable, message: `fly: /.fly/api gave no token (${status})` })
    }
  })

  it('ends when the caller has no more time', async () => {
    const signal = AbortSignal.abort(new Error('enough'))
    expect(await failure(find(platform.surroundings, { signal }))).to.include({ message: 'enough' })
    platform.instead.push(null)
    const soon = AbortSignal.timeout(100)
    expect(await failure(find(platform.surroundings, { signal: soon }))).to.equal(soon.reason)
  })

  it('asks nobody without an audience', async () => {
    const before = platform.asked.length
    const error = await failure(find(platform.surroundings, { audience: undefined }))
    expect(error).to.include({ code: 'audience_unknown' })
    expect(platform.asked.length).to.equal(before)
  })
})
