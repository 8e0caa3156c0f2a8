/** The metrics of a service as Prometheus reads them, and what a caller cannot write into them. */
import { connect } from 'node:net'
import { expect } from 'chai'
import { ensureConsole } from '../../../bin/build-console.js'
import { catalogue } from '../../../src/server/errors/catalogue.ts'
import { freePort } from '../../support/free-port.ts'
import { type Provider, startProvider } from '../../support/identity-provider.ts'
import { type Sample, sampleOf, scrape } from '../../support/scraped.ts'
import { call, type Service, startService } from '../../support/server.ts'
import { createWorld, type World } from '../../support/world.ts'

describe('telemetry/metrics, over HTTP', () => {
  let provider: Provider
  let service: Service
  let world: World
  let port: number
  before(async () => {
    await ensureConsole()
    provider = await startProvider()
    port = await freePort()
    service = await startService({ env: { METRICS_PORT: String(port) } })
    world = await createWorld(service, provider)
  })
  after(async () => {
    await service?.close()
    await provider?.close()
  })

  /** By how much the work moves each of these. */
  async function moved(work: () => Promise<unknown>, ...what: [name: string, labels?: Record<string, string>][]) {
    const values = async () => {
      const samples = await scrape(port)
      return what.map(([name, labels]) => sampleOf(samples, name, labels) ?? 0)
    }
    const before = await values()
    await work()
    return (await values()).map((value, i) => value - (before[i] ?? 0))
  }
  const exchanges = (result: string, reason = ''): [string, Record<string, string>] => [
    'countersign_exchanges_total',
    { result, reason },
  ]
  const durations = (result: string): [string, Record<string, string>] => [
    'countersign_exchange_duration_seconds_count',
    { result },
  ]
  const routesIn = (samples: Sample[]) => {
    const requests = samples.filter(({ name }) => name === 'countersign_http_requests_total')
    return new Set(requests.map(({ labels }) => labels.route))
  }

  it('counts and measures each exchange once, by how it ended', async () => {
    const away = await startProvider()
    away.fail('error')
    await world.make('/issuers', { name: 'away', issuer: away.issuer })
    await world.external('sleeper', 'job-1', { trust: { issuer: 'away', subject: 'job-1' } })
    const work = async () => {
      await world.granted(world.token())
      await world.granted(world.token())
      await world.exchange(world.token({ sub: 'nobody' }))
      await world.post({})
      await call(service, 'POST', '/oauth/token', { headers: { 'content-type': 'text/plain' }, form: { a: 'b' } })
      await world.exchange(away.token({ aud: world.audience }))
    }
    expect(
      await moved(
        work,
        exchanges('granted'),
        exchanges('refused', 'no_account_matches'),
        exchanges('refused', 'parameter_missing'),
        exchanges('failed', 'issuer_unavailable'),
        exchanges('failed', 'storage_unavailable'),
        durations('granted'),
        durations('refused'),
        durations('failed'),
      ),
    ).to.deep.equal([2, 1, 1, 1, 0, 2, 3, 1])
    await away.close()
  })

  it('has every reason of an exchange from the start, and none that the catalogue has not', async () => {
    const samples = (await scrape(port)).filter(({ name }) => name === 'countersign_exchanges_total')
    const reasons = samples.map(({ labels }) => labels.reason)
    expect(reasons).to.include.members(['', 'token_replayed', 'rate_limited', 'internal_error'])
    expect(reasons.filter((reason) => reason !== '' && !(String(reason) in catalogue))).to.deep.equal([])
    expect(new Set(reasons)).to.have.property('size', reasons.length)
  })

  it('counts answers by the route as it is bound', async () => {
    const requests = (route: string, method: string, status: string): [string, Record<string, string>] => [
      'countersign_http_requests_total',
      { route, method, status },
    ]
    const work = async () => {
      await world.api('GET', '/teams/ml')
      await call(service, 'GET', `/API/v1/orgs/acme/teams/ml`, { secret: world.adminKey })
      await world.api('GET', '/teams/none')
      await call(service, 'PUT', '/api/v1/orgs/acme/teams')
      await call(service, 'POST', '/v1/token')
      await call(service, 'POST', '/oidc/token')
      await call(service, 'GET', '/livez')
      await call(service, 'GET', '/docs/swagger-ui.css')
      await call(service, 'GET', '/access/v1/verify/some/where')
      await call(service, 'GET', '/no/such/path')
      await call(service, 'GET', '/api/v1/no/such/path')
      await fetch(`${service.url}/acme/issuers`, { headers: { accept: 'text/html' } })
      await call(service, 'PROPFIND', '/livez')
    }
    expect(
      await moved(
        work,
        requests('/api/v1/orgs/:org/teams/:team', 'GET', '200'),
        requests('/api/v1/orgs/:org/teams/:team', 'GET', '404'),
        requests('/api/v1/orgs/:org/teams', 'PUT', '405'),
        requests('/oauth/token', 'POST', '400'),
        requests('/livez', 'GET', '200'),
        requests('/docs/*', 'GET', '200'),
        requests('/access/v1/verify/*', 'GET', '401'),
        requests('unknown', 'GET', '404'),
        requests('/*', 'GET', '200'),
        requests('/livez', 'other', '405'),
      ),
    ).to.deep.equal([2, 1, 1, 2, 1, 1, 1, 2, 1, 1])
  })

  it('lets no caller make a label: whatever paths and methods are tried, there are no more series', async () => {
    await call(service, 'GET', '/nowhere')
    await call(service, 'PROPFIND', '/nowhere')
    await call(service, 'GET', '/api/v1/orgs/none')
    const before = await scrape(port)
    for (let i = 0; i < 20; i++) {
      await call(service, 'GET', `/nowhere/${i}`)
      await call(service, ['MKCOL', 'SEARCH', 'LOCK', 'PROPFIND'][i % 4] as string, `/${i}`)
      await call(service, 'GET', `/aPi/V1/orgs/none-${i}`)
    }
    expect(routesIn(await scrape(port))).to.deep.equal(routesIn(before))
    const series = (samples: Sample[]) => samples.filter(({ name }) => name.startsWith('countersign_')).length
    expect(series(await scrape(port))).to.equal(series(before))
  })

  it('tells of the keys that were fetched, and of the issuers that are known', async () => {
    const down = await startProvider()
    const fetches = (result: string): [string, Record<string, string>] => [
      'countersign_key_set_fetches_total',
      { result },
    ]
    const known = (state: string): [string, Record<string, string>] => ['countersign_issuers', { state }]
    await world.make('/issuers', { name: 'soon-down', issuer: down.issuer })
    const lose = async () => {
      down.fail('error')
      await world.api('POST', '/issuers/soon-down/refresh', {})
    }
    expect(await moved(lose, fetches('ok'), fetches('failed'), known('failing'))).to.deep.equal([0, 1, 1])
    const find = async () => {
      down.fail(null)
      await world.api('POST', '/issuers/soon-down/refresh', {})
    }
    expect(await moved(find, fetches('ok'), fetches('failed'), known('ok'), known('failing'))).to.deep.equal([
      1, 0, 1, -1,
    ])
    await down.close()
  })

  it('measures what is appended to the trail, tells its state, and what the process costs', async () => {
    const appended = 'countersign_audit_append_duration_seconds_count'
    expect(await moved(() => world.granted(world.token()), [appended])).to.deep.equal([1])
    const samples = await scrape(port)
    expect(sampleOf(samples, 'countersign_audit_waiting')).to.equal(0)
    expect(sampleOf(samples, 'countersign_ready')).to.equal(1)
    expect(sampleOf(samples, 'countersign_dependency_up', { dependency: 'database' })).to.equal(1)
    for (const name of [
      'nodejs_eventloop_lag_p99_seconds',
      'process_resident_memory_bytes',
      'process_cpu_seconds_total',
    ])
      expect(sampleOf(samples, name), name).to.be.a('number')
  })

  it('answers GET /metrics, and nothing else', async () => {
    const at = `http://127.0.0.1:${port}`
    const asked = await fetch(`${at}/metrics?name=any`)
    expect([asked.status, asked.headers.get('content-type')]).to.deep.equal([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
    ])
    for (const [method, path] of [
      ['GET', '/'],
      ['GET', '/metrics/'],
      ['GET', '/livez'],
      ['POST', '/metrics'],
      ['POST', '/oauth/token'],
    ] as const)
      expect((await fetch(at + path, { method })).status, `${method} ${path}`).to.equal(404)
    expect((await call(service, 'GET', '/metrics')).status).to.equal(404)
  })

  it('goes on while the service drains, says that it is not ready, and ends with it', async () => {
    const other = await freePort()
    const draining = await startService({ env: { METRICS_PORT: String(other), DRAIN_SECONDS: '600' } })
    try {
      const said = new Promise<void>((resolve) =>
        draining.process.stdout?.on('data', (chunk) => String(chunk).includes('"draining"') && resolve()),
      )
      draining.process.kill('SIGTERM')
      await said
      expect(sampleOf(await scrape(other), 'countersign_ready')).to.equal(0)
    } finally {
      await draining.kill()
      await draining.close()
    }
    const ended = await startService({ env: { METRICS_PORT: String(other) } })
    // Whoever is slow to ask keeps nobody from ending.
    const kept = connect(other, '127.0.0.1')
    await new Promise((resolve) => kept.once('connect', resolve))
    await new Promise((resolve) => kept.write('GET /metrics HTTP/1.1\r\n', resolve))
    expect(await ended.stop()).to.equal(0)
    kept.destroy()
    await ended.close()
  })
})
