/** What runs several replicas is valid by its schema, and names what exists: settings, ports, paths, each other. */
import { readdirSync, readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import { parse, parseAllDocuments } from 'yaml'
import { loadSettings } from '../src/server/settings.ts'
import { composeComplaints } from './support/compose.ts'
import { complaintsOf, expectLockedDown } from './support/kubernetes.ts'
import { call, root, type Service, startService } from './support/server.ts'

const read = (path: string) => readFileSync(join(root, path), 'utf8')
const settings = Object.keys(parse(read('config/default.yaml')))
const { version } = JSON.parse(read('package.json')) as { version: string }
const image = { name: `countersign:${version}`, port: 8080, data: '/data', user: 10001 }
const fileSettings = ['DATABASE_URL_FILE', 'REDIS_URL_FILE', 'MASTER_KEY_FILE', 'OPERATOR_KEY_FILE']

/** As the process would read it: what stands in the files stands there itself. */
function settingsBy(env: Record<string, string>) {
  const { NODE_OPTIONS: _, ...ours } = env
  expect(Object.keys(ours).filter((name) => !settings.includes(name))).to.deep.equal([])
  expect(Object.keys(ours)).to.include.members(fileSettings)
  const plain = Object.entries(ours).filter(([name]) => !fileSettings.includes(name))
  return loadSettings(root, {
    ...Object.fromEntries(plain),
    DATABASE_URL: 'postgres://countersign:x@postgres:5432/countersign',
    REDIS_URL: 'redis://:x@redis:6379',
    MASTER_KEY: Buffer.alloc(32).toString('base64'),
    OPERATOR_KEY: 'x'.repeat(64),
  })
}

describe('the compose files', () => {
  const files = readdirSync(join(root, 'deploy')).filter((name) => /^compose.*\.yaml$/.test(name))

  it('are valid by the Compose Specification, which finds what is not', () => {
    expect(files).to.deep.equal(['compose.embedded.yaml', 'compose.yaml'])
    for (const name of files)
      expect(composeComplaints(parse(read(`deploy/${name}`), { merge: true })), name).to.deep.equal([])
    expect(composeComplaints({ services: { one: { image: 'x', cap_dropp: ['ALL'], ports: 80 } } })).to.have.lengthOf(2)
  })
})

describe('deploy/compose.yaml', () => {
  const text = read('deploy/compose.yaml')
  const { services, networks, secrets, volumes } = parse(text, { merge: true })
  const { nginx, postgres, redis, ...replicas } = services
  const nginxConf = read('deploy/nginx.conf')
  const addressOf = (service: { networks: { front: { ipv4_address: string } } }) => service.networks.front.ipv4_address

  it('locks down everything that it runs', () => {
    for (const [name, service] of Object.entries<Record<string, unknown>>(services))
      expect(service, name).to.deep.include({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
        restart: 'unless-stopped',
      })
    for (const { image: name, build } of Object.values<{ image: string; build: string }>(replicas))
      expect({ name, build }).to.deep.equal({ name: image.name, build: '..' })
  })

  it('publishes nginx on this machine alone, and nothing else; the databases are in a network that leads nowhere', () => {
    const published = Object.entries<{ ports?: string[] }>(services).flatMap(([name, { ports = [] }]) =>
      ports.map((port) => `${name} ${port}`),
    )
    expect(published).to.deep.equal(['nginx 127.0.0.1:8080:8080'])
    expect(networks.back).to.deep.equal({ internal: true })
    expect([postgres.networks, redis.networks]).to.deep.equal([['back'], ['back']])
    expect(Object.keys(nginx.networks)).to.deep.equal(['front'])
  })

  it('puts both replicas behind nginx, whom they trust', () => {
    expect(Object.keys(replicas)).to.have.lengthOf(2)
    const upstreams = [...nginxConf.matchAll(/^ {2}server ([\w-]+):(\d+) /gm)].map(([, name, port]) => [
      name,
      Number(port),
    ])
    expect(upstreams).to.deep.equal(Object.keys(replicas).map((name) => [name, image.port]))
    expect(nginxConf).to.include(`listen ${nginx.ports[0].split(':').at(-1)};`)
    expect(nginx.volumes).to.deep.equal(['./nginx.conf:/etc/nginx/conf.d/default.conf:ro'])
    const addresses = [nginx, ...Object.values(replicas)].map((service) => addressOf(service as never))
    const [subnet] = networks.front.ipam.config.map((config: { subnet: string }) => config.subnet)
    for (const address of addresses) {
      expect(isIP(address)).to.equal(4)
      expect(`${address.split('.').slice(0, 3).join('.')}.0/24`).to.equal(subnet)
    }
    expect(new Set(addresses).size).to.equal(3)
  })

  for (const [name, replica] of Object.entries<Record<string, never>>(replicas))
    it(`${name}: sets settings that exist, to values that can be; nginx lets go of connections before it does`, () => {
      const env = Object.entries<string>(replica.environment ?? {}).map(([key, value]) => [
        key,
        value.replace(/^\$\{\w+:-(.*)\}$/, '$1'),
      ])
      const { publicUrl, trustProxy, drainSeconds } = settingsBy(Object.fromEntries(env))
      expect(publicUrl).to.equal('http://localhost:8080')
      expect(trustProxy).to.deep.equal([addressOf(nginx)])
      const [, idle] = /^ {2}keepalive_timeout (\d+)s;/m.exec(nginxConf) as RegExpExecArray
      expect(Number(idle)).to.be.lessThan(drainSeconds)
      expect(Number.parseInt(replica.stop_grace_period ?? '', 10)).to.be.greaterThan(drainSeconds + 10)
    })

  it('gives everybody the secrets that they read, by files that the first lines make', () => {
    const named = (value: unknown) =>
      [...JSON.stringify(value).matchAll(/\/run\/secrets\/([\w.-]+)/g)].map(([, one]) => one)
    for (const [name, { secrets: given = [], ...rest }] of Object.entries<{ secrets?: string[] }>(services))
      expect(named(rest).toSorted(), name).to.deep.equal(given.toSorted())
    const made = [...text.matchAll(/^# .*/gm)].flatMap(([line]) =>
      [...line.matchAll(/>([\w.-]+)/g)].map(([, file]) => file),
    )
    for (const [name, { file }] of Object.entries<{ file: string }>(secrets)) {
      expect(file).to.equal(`./secrets/${name}`)
      expect(made).to.include(name)
    }
    expect(read('.gitignore').split('\n')).to.include('deploy/secrets/')
  })

  it('starts one after the other, each when who it needs is healthy', () => {
    const needs = ({ depends_on }: { depends_on: object }) => Object.keys(depends_on)
    for (const replica of Object.values(replicas)) expect(needs(replica as never)).to.deep.equal(['postgres', 'redis'])
    expect(needs(nginx)).to.deep.equal(Object.keys(replicas))
    const conditions = Object.values<{ depends_on?: object }>(services).flatMap(({ depends_on = {} }) =>
      Object.values(depends_on),
    )
    expect(new Set(conditions.map(({ condition }) => condition))).to.deep.equal(new Set(['service_healthy']))
    // The replicas' is the image's own.
    for (const { healthcheck } of [nginx, postgres, redis]) expect(healthcheck.test[0]).to.equal('CMD')
    expect(postgres.volumes).to.deep.equal([`${Object.keys(volumes)[0]}:/var/lib/postgresql`])
  })
})

describe('the Kubernetes manifests', () => {
  const folder = 'deploy/kubernetes'
  const objectsIn = (path: string) => {
    const documents = parseAllDocuments(read(path))
    expect(documents.flatMap(({ errors }) => errors)).to.deep.equal([])
    return documents.map((document) => document.toJS())
  }
  const names = readdirSync(join(root, folder)).sort()
  const objects = names.flatMap((name) => objectsIn(`${folder}/${name}`))
  const one = (kind: string) => objects.find((object) => object.kind === kind)
  const deployment = one('Deployment')
  const { replicas, strategy, template } = deployment.spec
  const { spec: pod } = template
  const { labels } = template.metadata
  const [container] = pod.containers

  it('are valid by the schemas of their kinds, which find what is not', async () => {
    for (const object of [...objects, ...objectsIn('deploy/kubernetes-embedded.yaml')])
      expect(await complaintsOf(object), object.kind).to.deep.equal([])
    const wrong = structuredClone(deployment)
    wrong.spec.template.spec.containers[0].redinessProbe = {}
    wrong.spec.replicas = 'three'
    expect(await complaintsOf(wrong)).to.deep.equal([
      '/spec/replicas type',
      '/spec/template/spec/containers/0/redinessProbe is not a field',
    ])
  })

  it('are one of each kind, the namespace first, and all in it', () => {
    expect(objects.map(({ kind }) => kind)).to.have.members([
      'Namespace',
      'ServiceAccount',
      'Deployment',
      'Service',
      'PodDisruptionBudget',
      'HorizontalPodAutoscaler',
      'NetworkPolicy',
    ])
    const [namespace, ...others] = objects
    expect(namespace.kind).to.equal('Namespace')
    expect(namespace.metadata.labels).to.include({ 'pod-security.kubernetes.io/enforce': 'restricted' })
    for (const { metadata } of others) expect(metadata.namespace).to.equal(namespace.metadata.name)
  })

  it('select their own pods', () => {
    const selected = { matchLabels: labels }
    expect(one('Service').spec.selector).to.deep.equal(labels)
    expect(deployment.spec.selector).to.deep.equal(selected)
    expect(one('PodDisruptionBudget').spec.selector).to.deep.equal(selected)
    expect(one('NetworkPolicy').spec.podSelector).to.deep.equal(selected)
    expect(pod.topologySpreadConstraints[0].labelSelector).to.deep.equal(selected)
    const [apart] = pod.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution
    expect(apart.podAffinityTerm.labelSelector).to.deep.equal(selected)
    expect(one('HorizontalPodAutoscaler').spec.scaleTargetRef).to.deep.equal({
      apiVersion: deployment.apiVersion,
      kind: deployment.kind,
      name: deployment.metadata.name,
    })
  })

  it('keep three replicas, whatever is changed or evicted', () => {
    expect([replicas, one('HorizontalPodAutoscaler').spec.minReplicas]).to.deep.equal([3, 3])
    expect(strategy).to.deep.equal({ type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } })
    expect(one('PodDisruptionBudget').spec.maxUnavailable).to.equal(1)
    // A share of what is asked for needs something asked for.
    expect(container.resources.requests).to.have.property('cpu')
  })

  it('lock the pod down, as the user of the image and without a token of the cluster', () => {
    expect(container.image).to.equal(image.name)
    expectLockedDown(pod, container, image.user)
    expect([pod.automountServiceAccountToken, one('ServiceAccount').automountServiceAccountToken]).to.deep.equal([
      false,
      false,
    ])
    expect(pod.serviceAccountName).to.equal(one('ServiceAccount').metadata.name)
  })

  it('mount the secrets where the settings look for them', () => {
    const mounts = new Map<string, string>(
      container.volumeMounts.map(({ name, mountPath }: { name: string; mountPath: string }) => [name, mountPath]),
    )
    expect([...mounts.keys()].sort()).to.deep.equal(pod.volumes.map(({ name }: { name: string }) => name).sort())
    expect(mounts.get('data')).to.equal(image.data)
    const { secret } = pod.volumes.find(({ name }: { name: string }) => name === 'keys')
    const files = secret.items.map(({ path }: { path: string }) => `${mounts.get('keys')}/${path}`)
    const named = container.env.filter(({ name }: { name: string }) => name.endsWith('_FILE'))
    expect(named.map(({ value }: { value: string }) => value)).to.deep.equal(files)
    // What makes the secret stands in the first file.
    const made = [...read(`${folder}/${names[0]}`).matchAll(/--from-literal=([\w-]+)=/g)].map(([, key]) => key)
    expect(made).to.deep.equal(secret.items.map(({ key }: { key: string }) => key))
  })

  it('set settings that exist, to values that can be, and give it time to stop', () => {
    const env = container.env.map(({ name, value }: { name: string; value: string }) => [name, value])
    const { drainSeconds, metricsPort } = settingsBy(Object.fromEntries(env))
    expect(pod.terminationGracePeriodSeconds).to.be.greaterThan(drainSeconds + 10)
    expect(container.ports).to.deep.equal([
      { name: 'http', containerPort: image.port },
      { name: 'metrics', containerPort: metricsPort },
    ])
  })

  it('let in by ports that are there, and out to what is needed alone', () => {
    const { ingress, egress, policyTypes } = one('NetworkPolicy').spec
    type Rule = { ports: { port: string | number }[] }
    const portsOf = (rules: Rule[]) => rules.flatMap(({ ports }) => ports.map(({ port }) => port))
    expect(policyTypes).to.deep.equal(['Ingress', 'Egress'])
    expect(portsOf(ingress)).to.deep.equal(container.ports.map(({ name }: { name: string }) => name))
    expect(portsOf(egress)).to.deep.equal([53, 53, 5432, 6379, 443])
    expect(one('Service').spec.ports[0].targetPort).to.equal('http')
  })

  describe('probe', () => {
    let service: Service
    before(async () => {
      service = await startService()
    })
    after(() => service.close())

    for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe'])
      it(`a path that answers: ${probe}`, async () => {
        const { path, port } = container[probe].httpGet
        expect(port).to.equal('http')
        expect(path).to.equal(probe === 'readinessProbe' ? '/readyz' : '/livez')
        expect((await call(service, 'GET', path)).status).to.equal(200)
      })
  })
})
