/** deploy/ci/kubernetes: valid by the API server's schema, and what the client and kubectl look for. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { parse, parseAllDocuments } from 'yaml'
import { complaintsOf, expectLockedDown } from '../support/kubernetes.ts'
import { root } from '../support/server.ts'

const read = (name: string) => readFileSync(join(root, 'deploy/ci/kubernetes', name), 'utf8')
const conventional = '/var/run/secrets/countersign/token'

describe('deploy/ci/kubernetes/job.yaml', () => {
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
  })

  it('has a token where the client looks first, for the organization that it is sent to', () => {
    const [{ serviceAccountToken: token }] = volume.projected.sources
    expect(container.volumeMounts).to.deep.equal([
      { name: volume.name, mountPath: conventional.replace(`/${token.path}`, ''), readOnly: true },
    ])
    const url = container.env.find(({ name }: { name: string }) => name === 'COUNTERSIGN_URL').value
    expect(token.audience).to.equal(url)
    // The API server takes nothing below.
    expect(token.expirationSeconds).to.be.at.least(600)
    expect(read('job.yaml')).to.include(`system:serviceaccount:${account.metadata.namespace}:${account.metadata.name}`)
  })
})

describe('deploy/ci/kubernetes/kubeconfig.yaml', () => {
  const config = parse(read('kubeconfig.yaml'))
  const { exec } = config.users[0].user

  it('is what kubectl reads, and names what is in it', () => {
    expect(config).to.include({ apiVersion: 'v1', kind: 'Config' })
    const [{ name, context }] = config.contexts
    expect(config['current-context']).to.equal(name)
    expect(config.clusters.map((one: { name: string }) => one.name)).to.deep.equal([context.cluster])
    expect(config.users.map((one: { name: string }) => one.name)).to.deep.equal([context.user])
    const known = ['apiVersion', 'args', 'command', 'env', 'installHint', 'interactiveMode', 'provideClusterInfo']
    expect(Object.keys(exec).toSorted()).to.deep.equal(known)
  })

  it('asks the command line for a credential of the version that kubectl speaks', () => {
    expect(exec).to.deep.include({ apiVersion: 'client.authentication.k8s.io/v1', interactiveMode: 'Never' })
    expect([exec.command, ...exec.args].join(' ')).to.equal('countersign token -o exec-credential')
  })
})
