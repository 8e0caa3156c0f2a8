import { inspect } from 'node:util'
import { expect } from 'chai'
import { parse } from 'yaml'
import { createSubjectFinder } from '../../../src/client/sources/find.ts'
import { kubernetes } from '../../../src/client/sources/kubernetes.ts'
import { claimsOf } from '../../../src/client/sources/unverified.ts'
import { type Provider, startProvider } from '../../support/identity-provider.ts'
import { ec2Firmware } from '../../support/platforms/aws.ts'
import { googleFirmware } from '../../support/platforms/gcp.ts'
import { startPod } from '../../support/platforms/kubernetes.ts'
import { machine } from '../../support/platforms/machine.ts'
import { ask, audience, failure } from './asked.ts'

describe('client/sources/kubernetes', () => {
  let provider: Provider
  before(async () => {
    provider = await startProvider()
  })
  after(() => provider?.close())
  type Here = ReturnType<typeof startPod>['surroundings']
  const find = (here: Here, own: Parameters<typeof ask>[0] = {}) => createSubjectFinder('auto', here)(ask(own))

  it('takes the token of our volume, and each time the one that is there', async () => {
    const pod = startPod(provider, { audience })
    const first = await find(pod.surroundings)
    expect(first.source).to.equal('kubernetes')
    expect(claimsOf(first.token)?.aud).to.deep.equal([audience])
    pod.rotate()
    const second = await find(pod.surroundings)
    expect(second.token).to.not.equal(first.token)
    expect(second.token).to.equal(pod.surroundings.files['/var/run/secrets/countersign/token'])
  })

  it('takes the token that every pod has where the cluster makes it for us and for nobody else', async () => {
    const { surroundings } = startPod(provider, { api: audience })
    expect(claimsOf((await find(surroundings)).token)?.aud).to.deep.equal([audience])
    const both = startPod(provider, { api: ['https://kubernetes.default.svc', audience] })
    expect(await failure(find(both.surroundings))).to.include({ code: 'subject_token_misaddressed' })
  })

  it('does not send the token for the API server, and says which volume to add', async () => {
    for (const own of [{}, { audience: undefined }]) {
      const { surroundings } = startPod(provider)
      const error = await failure(find(surroundings, own))
      expect(error).to.include({ category: 'credential', code: 'subject_token_misaddressed' })
      expect(error.message).to.equal(
        "kubernetes: the pod's own token is for https://kubernetes.default.svc.cluster.local, and not for us: it is not sent",
      )
      const yaml = /^add to the pod, mounted at \/var\/run\/secrets\/countersign, the volume (.*)$/.exec(
        error.hint ?? '',
      )?.[1]
      const wanted = 'audience' in own ? 'https://HOST/orgs/NAME' : audience
      expect(parse(yaml ?? '')).to.deep.equal({
        name: 'countersign',
        projected: {
          sources: [{ serviceAccountToken: { path: 'token', audience: wanted, expirationSeconds: 3600 } }],
        },
      })
      expect(error.docs).to.equal('how-to/providers/kubernetes.md')
      const token = surroundings.files['/var/run/secrets/kubernetes.io/serviceaccount/token'] as string
      expect(inspect(error)).to.not.contain(token.split('.')[2])
    }
  })

  it('does not send a token of our volume that is for somebody else', async () => {
    const { surroundings } = startPod(provider, { audience: 'https://elsewhere.example' })
    const error = await failure(find(surroundings))
    expect(error.message).to.match(/countersign\/token is for https:\/\/elsewhere\.example, and not for https/)
    expect(error.hint).to.contain(`of the volume to ${audience}`)
    expect((await find(surroundings, { audience: 'https://elsewhere.example' })).source).to.equal('kubernetes')
    // Where nobody said whom it is for, whoever mounted the volume did.
    expect((await find(surroundings, { audience: undefined })).source).to.equal('kubernetes')
  })

  it('says so where there is no token at all', async () => {
    const { surroundings } = startPod(provider, { isMounted: false })
    const error = await failure(find(surroundings))
    expect(error).to.include({ code: 'subject_token_missing' })
    expect(error.hint).to.contain('serviceAccountToken')
    expect(error.hint).to.not.contain('COUNTERSIGN_SOURCE')
  })

  const clouds: [what: string, parts: Parameters<typeof startPod>[1], source: string][] = [
    ['GKE', { files: googleFirmware }, 'gcp'],
    ['EKS, on its machines', { files: ec2Firmware }, 'aws'],
    ['EKS, with a pod identity', { env: { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://169.254.170.23/' } }, 'aws'],
    ['EKS, with a role', { env: { AWS_WEB_IDENTITY_TOKEN_FILE: '/x' } }, 'aws'],
    ['AKS', { env: { AZURE_FEDERATED_TOKEN_FILE: '/x', AZURE_CLIENT_ID: 'x' } }, 'azure-imds'],
  ]
  for (const [what, parts, source] of clouds)
    it(`does not slip into the cloud below, but says that it may be named: ${what}`, async () => {
      const { surroundings } = startPod(provider, parts)
      const error = await failure(find(surroundings))
      expect(error).to.include({ code: 'subject_token_misaddressed' })
      expect(error.hint).to.match(new RegExp(`COUNTERSIGN_SOURCE=${source}$`))
      expect(surroundings.astray).to.deep.equal([])
    })

  it('is at home in a pod, and wherever our volume is mounted', async () => {
    expect(await kubernetes.detect?.(startPod(provider).surroundings)).to.equal(true)
    const files = { '/var/run/secrets/countersign/token': provider.token() }
    expect(await kubernetes.detect?.(machine({ files }))).to.equal(true)
    expect(await kubernetes.detect?.(machine())).to.equal(false)
  })

  it('says that a file cannot be read', async () => {
    const pod = startPod(provider, { audience })
    const denied = Object.assign(new Error('EACCES'), { code: 'EACCES' })
    pod.surroundings.files['/var/run/secrets/countersign/token'] = denied
    const error = await failure(find(pod.surroundings))
    expect(error.message).to.equal('kubernetes: /var/run/secrets/countersign/token cannot be read (EACCES)')
  })
})
