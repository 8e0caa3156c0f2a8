import { inspect } from 'node:util'
import { expect } from 'chai'
import { createSubjectFinder } from '../../../src/client/sources/find.ts'
import { claimsOf } from '../../../src/client/sources/unverified.ts'
import { vercel } from '../../../src/client/sources/vercel.ts'
import { ownSurroundings } from '../../../src/client/surroundings.ts'
import { type Provider, startProvider } from '../../support/identity-provider.ts'
import { json } from '../../support/platforms/loopback.ts'
import { machine } from '../../support/platforms/machine.ts'
import { startVercel, type Vercel } from '../../support/platforms/vercel.ts'
import { ask, audience, failure } from './asked.ts'

describe('client/sources/vercel', () => {
  let provider: Provider
  let platform: Vercel
  before(async () => {
    provider = await startProvider()
    platform = await startVercel(provider)
  })
  after(async () => {
    await platform?.close()
    await provider?.close()
  })
  const find = (here = platform.surroundings, own: Parameters<typeof ask>[0] = {}) =>
    createSubjectFinder('auto', here)(ask(own))

  it('has the token of a build made over, for us', async () => {
    const { token, source } = await find()
    expect(source).to.equal('vercel')
    expect(claimsOf(token)).to.include({ aud: audience, project_id: 'prj_7Gw5ZMBvQA8h9GF832KGp7nw' })
    expect(claimsOf(token)?.aud).to.equal(audience)
  })

  it('takes that of the request before any other, whatever holds its headers', async () => {
    for (const form of ['record', 'Headers', 'list'] as const) {
      const given = platform.headers()
      const headers =
        form === 'Headers'
          ? new Headers(given)
          : form === 'list'
            ? { 'x-vercel-oidc-token': [given['x-vercel-oidc-token'] as string] }
            : given
      const here = machine({
        env: { VERCEL_OIDC_TOKEN: platform.token(), VERCEL_OIDC_TOKEN_FILE: '/run/token' },
        files: { '/run/token': platform.token() },
        routes: platform.routes,
      })
      await createSubjectFinder(vercel({ headers }), here)(ask())
      const sent = JSON.parse(platform.asked.at(-1)?.body ?? '') as { token: string }
      expect(sent.token).to.equal(given['x-vercel-oidc-token'])
    }
  })

  it('knows the request from what Vercel keeps of it, without an option', async () => {
    const symbol = Symbol.for('@vercel/request-context')
    const known = globalThis as unknown as Record<symbol, unknown>
    const headers = platform.headers()
    known[symbol] = { get: () => ({ headers }) }
    try {
      const { requestHeaders } = ownSurroundings()
      const here = machine({ routes: platform.routes })
      await createSubjectFinder('auto', { ...here, ...(requestHeaders && { requestHeaders }) })(ask())
    } finally {
      delete known[symbol]
    }
    expect(JSON.parse(platform.asked.at(-1)?.body ?? '').token).to.equal(headers['x-vercel-oidc-token'])
    expect(ownSurroundings().requestHeaders?.()).to.equal(undefined)
  })

  it('takes a file before the variable, and reads it anew', async () => {
    const here = machine({
      env: { VERCEL: '1', VERCEL_OIDC_TOKEN: 'never', VERCEL_OIDC_TOKEN_FILE: '/run/vercel/token' },
      routes: platform.routes,
    })
    for (let i = 0; i < 2; i++) {
      const token = platform.token()
      here.files['/run/vercel/token'] = `${token}\n`
      await find(here)
      expect(JSON.parse(platform.asked.at(-1)?.body ?? '').token).to.equal(token)
    }
    delete here.files['/run/vercel/token']
    expect((await failure(find(here))).message).to.equal('vercel: /run/vercel/token is not there')
  })

  it('leaves a token as it is that is for us already; where nobody said for whom, it shows none', async () => {
    const before = platform.asked.length
    const team = 'https://vercel.com/acme'
    expect(claimsOf((await find(platform.surroundings, { audience: team })).token)?.aud).to.equal(team)
    const error = await failure(find(platform.surroundings, { audience: undefined }))
    expect(error).to.include({ code: 'audience_unknown' })
    expect(platform.asked.length).to.equal(before)
  })

  it('says what to turn on where there is no token', async () => {
    const error = await failure(find(machine({ env: { VERCEL: '1' } })))
    expect(error).to.include({ code: 'permission_missing', retryable: false })
    expect(error.hint).to.match(/OIDC federation.*vercel\(\{ headers \}\)/)
  })

  it('says what to do when Vercel makes none for us, and repeats nothing', async () => {
    const expired = platform.token(-1)
    const error = await failure(find(machine({ env: { VERCEL_OIDC_TOKEN: expired }, routes: platform.routes })))
    expect(error.message).to.equal(`vercel: Vercel gave no token for ${audience} (400)`)
    expect(error.hint).to.match(/vercel env pull.*COUNTERSIGN_AUDIENCE to https:\/\/vercel\.com\/acme/)
    expect(inspect(error)).to.not.contain(expired.split('.')[2])
    platform.instead.push(json({ error: 'busy' }, 503))
    expect(await failure(find())).to.include({ retryable: true })
    platform.instead.push(json({ tokens: [] }))
    expect((await failure(find())).message).to.equal(`vercel: Vercel gave no token for ${audience} (200)`)
  })
})
