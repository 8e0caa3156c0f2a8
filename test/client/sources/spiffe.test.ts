import { expect } from 'chai'
import { createSubjectFinder } from '../../../src/client/sources/find.ts'
import { claimsOf } from '../../../src/client/sources/unverified.ts'
import { type Provider, startProvider } from '../../support/identity-provider.ts'
import { startPod } from '../../support/platforms/kubernetes.ts'
import { type Machine, machine } from '../../support/platforms/machine.ts'
import { startSpiffe } from '../../support/platforms/spiffe.ts'
import { ask, audience, failure } from './asked.ts'

describe('client/sources/spiffe', () => {
  let provider: Provider
  before(async () => {
    provider = await startProvider()
  })
  after(() => provider?.close())
  const find = (here: Machine, own: Parameters<typeof ask>[0] = {}) => createSubjectFinder('auto', here)(ask(own))
  const SPIFFE_ENDPOINT_SOCKET = 'unix:///run/spire/agent.sock'

  it('takes what spiffe-helper wrote, and each time the one that is there', async () => {
    const { surroundings, rotate } = startSpiffe(provider, { audience })
    const first = await find(surroundings)
    expect(first.source).to.equal('spiffe')
    expect(claimsOf(first.token)).to.include({ sub: 'spiffe://initech.example/ns/prod/sa/trainer' })
    rotate()
    const second = await find(surroundings)
    expect(second.token).to.not.equal(first.token)
    expect(second.token).to.equal(Object.values(surroundings.files)[0])
  })

  it('says what to add where there is a socket alone', async () => {
    const error = await failure(find(machine({ env: { SPIFFE_ENDPOINT_SOCKET } })))
    expect(error).to.include({ code: 'platform_not_enabled', category: 'credential' })
    expect(error.hint).to.match(/spiffe-helper.*jwt_svid_file_name.*COUNTERSIGN_SPIFFE_TOKEN_FILE/)
    expect(error.hint).to.contain(`jwt_audience = "${audience}"`)
  })

  it('leaves a pod alone that has a token of Kubernetes mounted for us', async () => {
    const { surroundings } = startPod(provider, { audience, env: { SPIFFE_ENDPOINT_SOCKET } })
    expect((await find(surroundings)).source).to.equal('kubernetes')
    const without = startPod(provider, { env: { SPIFFE_ENDPOINT_SOCKET } })
    expect(await failure(find(without.surroundings))).to.include({ source: 'spiffe' })
  })

  it('does not send a token that is for somebody else', async () => {
    const { surroundings } = startSpiffe(provider, { audience: 'spiffe://elsewhere' })
    const error = await failure(find(surroundings))
    expect(error).to.include({ code: 'subject_token_misaddressed' })
    expect(error.hint).to.contain('jwt_audience')
    expect((await find(surroundings, { audience: 'spiffe://elsewhere' })).source).to.equal('spiffe')
    expect((await find(surroundings, { audience: undefined })).source).to.equal('spiffe')
  })

  it('says that there is no file yet', async () => {
    const error = await failure(find(machine({ env: { COUNTERSIGN_SPIFFE_TOKEN_FILE: '/run/none' } })))
    expect(error.message).to.equal('spiffe: there is no file /run/none')
    expect(error.hint).to.contain('spiffe-helper has to write it')
  })
})
