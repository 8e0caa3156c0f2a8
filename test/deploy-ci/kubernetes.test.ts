/** deploy/ci/kubernetes: valid by the API server's schema, and what the client and kubectl make of it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { parse, parseAllDocuments } from 'yaml'
import { projectedTokenFile } from '../../src/client/sources/kubernetes.ts'
import { createTokenProvider } from '../../src/client/token-provider.ts'
import { countersign } from '../support/command.ts'
import { type Provider, startProvider } from '../support/identity-provider.ts'
import { complaintsOf, expectLockedDown } from '../support/kubernetes.ts'
import { leaks } from '../support/leaks.ts'
import { startPod } from '../support/platforms/kubernetes.ts'
import { root, type Service, startService } from '../support/server.ts'
import { claimsIn, createWorld, type World } from '../support/world.ts'

type Variable = { name: string; value: string }
const read = (name: string) => readFileSync(join(root, 'deploy/ci/kubernetes', name), 'utf8')
const asEnv = (variables: readonly Variable[]) => Object.fromEntries(variables.map(({ name, value }) => [name, value]))

describe('deploy/ci/kubernetes', () => {
  let provider: Provider
  let service: Service
  let world: World
  before(async () => {
    provider = await startProvider()
    service = await startService()
    const { sub } = claimsIn(await startPod(provider).surroundings.readFile(standard))
    world = await createWorld(service, provider, { subject: String(sub) })
  })
  after(async () => {
    await service?.close()
    await provider?.close()
  })
  const standard = '/var/run/secrets/kubernetes.io/serviceaccount/token'
  /** The file, as somebody would write it whose organization is the test's. */
  const written = (name: string) => read(name).replaceAll('https://countersign.example/orgs/acme', world.audience)

  describe('job.yaml', () => {
    const [account, job, ...others] = parseAllDocuments(read('job.yaml')).map((document) => document.toJS())
    const pod = job.spec.template.spec
    const [container] = pod.containers
    const [volume] = pod.volumes

    it('is valid', async () => {
      expect(others).to.deep.equal([])
      for (const object of [account, job]) expect(await complaintsOf(object), object.kind).to.deep.equal([])
    })

    it('locks down what it runs, and gives it no token of the cluster', () => {
      expectLockedDown(pod, container, 10001)
      expect(account.automountServiceAccountToken).to.equal(false)
      expect(pod.serviceAccountName).to.equal(account.metadata.name)
      expect(job.metadata.namespace).to.equal(account.metadata.namespace)
      const subject = `system:serviceaccount:${account.metadata.namespace}:${account.metadata.name}`
      expect(read('job.yaml')).to.include(subject)
    })

    it('has a volume where the client looks first', () => {
      const [{ serviceAccountToken: token }] = volume.projected.sources
      const [mount, ...more] = container.volumeMounts
      expect(more).to.deep.equal([])
      expect(mount).to.deep.equal({ name: volume.name, mountPath: mount.mountPath, readOnly: true })
      expect(`${mount.mountPath}/${token.path}`).to.equal(projectedTokenFile)
      // The API server takes nothing below.
      expect(token.expirationSeconds).to.be.at.least(600)
    })

    it('is all that the client needs', async () => {
      const [, mine] = parseAllDocuments(written('job.yaml')).map((document) => document.toJS())
      const spec = mine.spec.template.spec
      const { audience } = spec.volumes[0].projected.sources[0].serviceAccountToken
      const { surroundings } = startPod(provider, {
        audience,
        isMounted: spec.automountServiceAccountToken,
        env: asEnv(spec.containers[0].env),
      })
      const { token, source } = await createTokenProvider({ surroundings }).getToken()
      leaks.learn('an access token', token)
      expect(source).to.equal('kubernetes')
      expect((await world.introspect(token)).body).to.deep.include({ active: true, sub: world.account.id })
    })
  })

  describe('kubeconfig.yaml', () => {
    const config = parse(read('kubeconfig.yaml'))

    it('is what kubectl reads, and names what is in it', () => {
      expect(config).to.include({ apiVersion: 'v1', kind: 'Config' })
      const [{ name, context }] = config.contexts
      expect(config['current-context']).to.equal(name)
      expect(config.clusters.map((one: { name: string }) => one.name)).to.deep.equal([context.cluster])
      expect(config.users.map((one: { name: string }) => one.name)).to.deep.equal([context.user])
      const known = ['apiVersion', 'args', 'command', 'env', 'installHint', 'interactiveMode', 'provideClusterInfo']
      expect(Object.keys(config.users[0].user.exec).toSorted()).to.deep.equal(known)
    })

    it('has kubectl ask the command line, which answers with a credential for that cluster', async () => {
      const audience = 'https://kubernetes.example:6443'
      await world.make('/resource-servers', { name: 'cluster', audience })
      const { exec } = parse(written('kubeconfig.yaml')).users[0].user
      expect(exec).to.deep.include({ command: 'countersign', interactiveMode: 'Never' })
      const said = await countersign(exec.args, {
        ...asEnv(exec.env),
        KUBERNETES_EXEC_INFO: JSON.stringify({
          apiVersion: exec.apiVersion,
          kind: 'ExecCredential',
          spec: { interactive: false },
        }),
        COUNTERSIGN_IDENTITY_TOKEN: world.token(),
      })
      expect(said.code, said.stderr).to.equal(0)
      const { apiVersion, kind, status } = JSON.parse(said.stdout)
      expect({ apiVersion, kind }).to.deep.equal({ apiVersion: exec.apiVersion, kind: 'ExecCredential' })
      leaks.learn('an access token', status.token)
      expect(claimsIn(status.token)).to.deep.include({ aud: audience, sub: world.account.id })
      expect(Date.parse(status.expirationTimestamp)).to.be.greaterThan(Date.now())
    })
  })
})
