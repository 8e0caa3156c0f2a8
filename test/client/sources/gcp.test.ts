import { inspect } from 'node:util'
import { expect } from 'chai'
import { createSubjectFinder } from '../../../src/client/sources/find.ts'
import { gcp } from '../../../src/client/sources/gcp.ts'
import { claimsOf } from '../../../src/client/sources/unverified.ts'
import { type Provider, startProvider } from '../../support/identity-provider.ts'
import { type Gcp, googleFirmware, startGcp } from '../../support/platforms/gcp.ts'
import { type MachineParts, machine } from '../../support/platforms/machine.ts'
import { ask, audience, failure } from './asked.ts'

describe('client/sources/gcp', () => {
  let provider: Provider
  let google: Gcp
  let bare: Gcp
  before(async () => {
    provider = await startProvider()
    google = await startGcp(provider)
    bare = await startGcp(provider, { isAttached: false })
  })
  after(async () => {
    await bare?.close()
    await google?.close()
    await provider?.close()
  })
  const find = (here = google.surroundings, own: Parameters<typeof ask>[0] = {}) =>
    createSubjectFinder('auto', here)(ask(own))

  it('has a token made for us, with the machine in it, on a machine that says nothing but who made it', async () => {
    const { token, source } = await find()
    expect(source).to.equal('gcp')
    expect(claimsOf(token)).to.include({ aud: audience, sub: '112233445566778899000' })
    expect(claimsOf(token)).to.have.nested.property('google.compute_engine.instance_name', 'trainer-1')
  })

  it('sends an audience as it is, whatever is in it', async () => {
    const odd = 'https://x.example/?a=1&format=standard#ü +'
    expect(claimsOf((await find(google.surroundings, { audience: odd })).token)).to.include({ aud: odd })
  })

  const places: [what: string, parts: MachineParts, isHome: boolean][] = [
    ['a machine of Compute Engine', { files: googleFirmware }, true],
    ['one of its older ones', { files: { '/sys/class/dmi/id/product_name': 'Google' } }, true],
    ['Cloud Run', { env: { K_SERVICE: 'trainer' } }, true],
    ['a job of Cloud Run', { env: { CLOUD_RUN_JOB: 'trainer' } }, true],
    ['wherever a metadata server is named', { env: { GCE_METADATA_HOST: '127.0.0.1:1' } }, true],
    ['a laptop', { files: { '/sys/class/dmi/id/product_name': 'ThinkPad\n' } }, false],
    ['one that does not tell', { files: { '/sys/class/dmi/id/product_name': new Error('EACCES') } }, false],
    ['another system', {}, false],
  ]
  for (const [what, parts, isHome] of places)
    it(`${isHome ? 'is' : 'is not'} at home on ${what}, and asks nobody to find out`, async () => {
      const here = machine(parts)
      expect(await gcp.detect?.(here)).to.equal(isHome)
      expect(here.astray).to.deep.equal([])
    })

  it('asks where GCE_METADATA_HOST says', async () => {
    const { host } = new URL(google.origin)
    for (const GCE_METADATA_HOST of [host, google.origin]) {
      const here = machine({ env: { GCE_METADATA_HOST } })
      expect(claimsOf((await find(here)).token)?.aud).to.equal(audience)
    }
  })

  it('asks over a plain line only where nobody else listens', async () => {
    for (const GCE_METADATA_HOST of [
      '10.0.0.1',
      'metadata.evil.example',
      '127.0.0.1.evil.example',
      '169.254.1.1.example',
    ]) {
      const here = machine({ env: { GCE_METADATA_HOST } })
      expect((await failure(find(here))).message).to.equal(
        `gcp: ${GCE_METADATA_HOST} is not asked over http: it takes https`,
      )
      expect(here.astray).to.deep.equal([])
    }
  })

  it('waits a second for a server that is not there, and may be tried again', async () => {
    const here = machine({ files: googleFirmware, routes: { 'http://metadata.google.internal': null } })
    const start = performance.now()
    const error = await failure(find(here))
    expect(performance.now() - start).to.be.within(900, 3_000)
    expect(error).to.include({ category: 'unavailable', retryable: true })
    expect(error.message).to.equal('gcp: the metadata server (metadata.google.internal) gave no answer')
    expect(error.hint).to.contain('COUNTERSIGN_SOURCE')
  })

  it('waits longer for the token itself, as long as the caller does', async () => {
    google.instead.push(null)
    const signal = AbortSignal.timeout(1_300)
    const error = await failure(find(google.surroundings, { signal }))
    expect(error).to.equal(signal.reason)
  })

  it('takes no token from what is not the metadata server', async () => {
    const here = machine({ env: { GCE_METADATA_HOST: new URL(provider.issuer).host } })
    const error = await failure(find(here))
    expect(error.message).to.match(/^gcp: 127\.0\.0\.1:\d+ answers, and is not Google's metadata server$/)
  })

  it('says what is missing where no service account is attached', async () => {
    const error = await failure(find(bare.surroundings))
    expect(error).to.include({ category: 'credential', code: 'no_platform_identity' })
    expect(error.hint).to.contain('iam.gke.io/gcp-service-account')
  })

  it('tells what may pass from what will not', async () => {
    for (const [status, retryable] of [
      [503, true],
      [429, true],
      [403, false],
      [400, false],
      [302, false],
    ] as const) {
      google.instead.push({ status, headers: { location: 'https://evil.example/', 'metadata-flavor': 'Google' } })
      const error = await failure(find())
      expect(error).to.include({ retryable })
      expect(error.message).to.equal(`gcp: the metadata server gave no token (${status})`)
    }
    expect(google.surroundings.astray).to.deep.equal([])
  })

  it('asks nobody without an audience', async () => {
    const before = google.asked.length
    expect(await failure(find(google.surroundings, { audience: undefined }))).to.include({ code: 'audience_unknown' })
    expect(google.asked.length).to.equal(before)
  })

  it('does not repeat a token that it cannot take', async () => {
    const expired = provider.token({ exp: 1 })
    google.instead.push({ status: 200, body: expired })
    const error = await failure(find())
    expect(error).to.include({ code: 'subject_token_expired' })
    expect(inspect(error)).to.not.contain(expired.split('.')[2])
  })
})
