/** What runs one replica on the embedded database is valid, and names what exists: settings, ports, paths, the image's user and data. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { parse, parseAllDocuments } from 'yaml'
import { loadSettings } from '../src/server/settings.ts'
import { expectLockedDown } from './support/kubernetes.ts'
import { root } from './support/server.ts'

const read = (path: string) => readFileSync(join(root, path), 'utf8')
const settings = Object.keys(parse(read('config/default.yaml')))
const { version } = JSON.parse(read('package.json')) as { version: string }
const image = { name: `countersign:${version}`, port: 8080, data: '/data', user: 10001 }

describe('deploy/compose.embedded.yaml', () => {
  const { services, volumes } = parse(read('deploy/compose.embedded.yaml'))
  const { countersign } = services

  it('runs the image locked down', () => {
    expect(countersign).to.deep.include({
      build: '..',
      image: image.name,
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    })
  })

  it('keeps the data in a volume, and publishes the port of the image on this machine alone', () => {
    expect(countersign.volumes).to.deep.equal([`data:${image.data}`])
    expect(volumes).to.have.property('data')
    expect(countersign.ports).to.deep.equal([`127.0.0.1:8080:${image.port}`])
  })

  it('sets settings that exist, to values that can be', () => {
    const defaults = Object.entries(countersign.environment as Record<string, string>).map(([name, value]) => [
      name,
      value.replace(/^\$\{\w+:-(.*)\}$/, '$1'),
    ])
    expect(Object.keys(countersign.environment).filter((name) => !settings.includes(name))).to.deep.equal([])
    expect(loadSettings(root, Object.fromEntries(defaults)).publicUrl).to.equal('http://localhost:8080')
  })
})

describe('deploy/kubernetes-embedded.yaml', () => {
  const documents = parseAllDocuments(read('deploy/kubernetes-embedded.yaml'))
  const objects = documents.map((document) => document.toJS())
  const service = objects.find(({ kind }) => kind === 'Service')
  const set = objects.find(({ kind }) => kind === 'StatefulSet')
  const pod = set.spec.template.spec
  const [container] = pod.containers

  it('parses, and is a Service and a StatefulSet of one', () => {
    expect(documents.flatMap(({ errors }) => errors)).to.deep.equal([])
    expect(objects.map(({ kind }) => kind)).to.deep.equal(['Service', 'StatefulSet'])
    expect(set.spec.replicas).to.equal(1)
    expect(container.image).to.equal(image.name)
  })

  it('selects its own pods', () => {
    const { labels } = set.spec.template.metadata
    expect(service.spec.selector).to.deep.equal(labels)
    expect(set.spec.selector.matchLabels).to.deep.equal(labels)
    expect(set.spec.serviceName).to.equal(service.metadata.name)
  })

  it('is locked down, as the user of the image', () => {
    expectLockedDown(pod, container, image.user)
  })

  it('probes paths that exist, on the port of the image', () => {
    expect(container.ports).to.deep.equal([{ name: 'http', containerPort: image.port }])
    expect(service.spec.ports[0].targetPort).to.equal('http')
    expect(container.livenessProbe.httpGet).to.deep.equal({ path: '/livez', port: 'http' })
    expect(container.startupProbe.httpGet).to.deep.equal({ path: '/livez', port: 'http' })
    expect(container.readinessProbe.httpGet).to.deep.equal({ path: '/readyz', port: 'http' })
  })

  it('mounts what it names: the data, and the keys where the settings look for them', () => {
    const mounts = new Map<string, string>(
      container.volumeMounts.map(({ name, mountPath }: { name: string; mountPath: string }) => [name, mountPath]),
    )
    expect(mounts.get(set.spec.volumeClaimTemplates[0].metadata.name)).to.equal(image.data)
    const [keys] = pod.volumes
    const files = keys.secret.items.map(({ path }: { path: string }) => `${mounts.get(keys.name)}/${path}`)
    const named = container.env.filter(({ name }: { name: string }) => name.endsWith('_FILE'))
    expect(named.map(({ value }: { value: string }) => value)).to.deep.equal(files)
  })

  it('sets settings that exist, to values that can be, and gives it time to stop', () => {
    const env: Record<string, string> = Object.fromEntries(
      container.env.map(({ name, value }: { name: string; value: string }) => [name, value]),
    )
    expect(Object.keys(env).filter((name) => !settings.includes(name))).to.deep.equal([])
    const { OPERATOR_KEY_FILE, MASTER_KEY_FILE, ...plain } = env
    expect(OPERATOR_KEY_FILE && MASTER_KEY_FILE).to.be.a('string')
    const { drainSeconds } = loadSettings(root, plain)
    expect(pod.terminationGracePeriodSeconds).to.be.greaterThan(drainSeconds + 10)
  })
})
