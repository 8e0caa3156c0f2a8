/** Traces as a collector gets them: the tree of one exchange, and nothing in it that is a secret or a claim. */
import { readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { expect } from 'chai'
import { type CollectedSpan, type Collector, startCollector } from '../../support/collector.ts'
import { freePort } from '../../support/free-port.ts'
import { type Provider, startProvider } from '../../support/identity-provider.ts'
import { leaks } from '../../support/leaks.ts'
import { type Answer, call, root, type Service, startService } from '../../support/server.ts'
import { askFor, claimsIn, createWorld, must, type World } from '../../support/world.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const parentId = 'b7ad6b7169203331'

describe('telemetry/traces', () => {
  let collector: Collector
  let provider: Provider
  let service: Service
  let world: World
  before(async () => {
    collector = await startCollector()
    provider = await startProvider()
    service = await startService({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url } })
    world = await createWorld(service, provider, { issuer: { single_use: true } })
  })
  after(async () => {
    await service?.close()
    await provider?.close()
    await collector?.close()
  })

  /** The spans of the exchange that had this answer, its root first, then in the order of their start. */
  const spansOf = (answer: Answer) =>
    collector.until((spans) => {
      const requestId = answer.headers.get('x-request-id')
      const exchange = spans.find(({ attributes }) => attributes['countersign.request_id'] === requestId)
      if (!exchange) return undefined
      const steps = spans.filter(({ parentSpanId }) => parentSpanId === exchange.spanId)
      steps.sort((a, b) => Number(BigInt(a.startTimeUnixNano) - BigInt(b.startTimeUnixNano)))
      return { exchange, steps }
    })
  const names = (spans: readonly CollectedSpan[]) => spans.map(({ name }) => name)
  const exchange = (token: string, headers: Record<string, string> = {}) =>
    call(service, 'POST', '/oauth/token', { form: askFor('jwtBearer', token), headers })

  it('one span for the exchange and one for each step, as a part of the caller’s trace', async () => {
    const answer = await exchange(world.token({ jti: 'first' }), { traceparent: `00-${traceId}-${parentId}-01` })
    expect(answer.status).to.equal(200)
    const { exchange: whole, steps } = await spansOf(answer)
    expect(names(steps)).to.deep.equal(['parse', 'verify', 'match', 'grant', 'claim', 'mint', 'record'])
    expect(whole).to.include({ name: 'exchange', traceId, parentSpanId: parentId })
    expect(whole.attributes).to.deep.equal({
      'countersign.request_id': answer.headers.get('x-request-id'),
      'countersign.org_id': (await must(world.api('GET', ''))).id,
      'countersign.issuer_id': world.issuer.id,
      'countersign.result': 'granted',
    })
    for (const step of steps) {
      expect(step).to.include({ traceId })
      expect(step.attributes).to.deep.equal({})
      expect(BigInt(step.startTimeUnixNano) >= BigInt(whole.startTimeUnixNano), step.name).to.equal(true)
      expect(BigInt(step.endTimeUnixNano) <= BigInt(whole.endTimeUnixNano), step.name).to.equal(true)
    }
    expect([...collector.paths]).to.deep.equal(['POST /v1/traces'])
    expect(collector.resources[0]).to.deep.equal({ 'service.name': 'countersign' })
  })

  it('many at a time keep their own steps apart', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => exchange(world.token({ jti: `many-${i}` }))))
    const traces = await Promise.all(answers.map(spansOf))
    for (const { steps } of traces) expect(names(steps)).to.have.length(7)
    expect(new Set(traces.map(({ exchange }) => exchange.traceId))).to.have.property('size', 20)
  })

  it('a traceparent that cannot be read is as none', async () => {
    const unreadable = [
      `${traceId}-${parentId}-01`,
      `00-${'0'.repeat(32)}-${parentId}-01`,
      `00-${traceId}-${'0'.repeat(16)}-01`,
      `ff-${traceId}-${parentId}-01`,
      `00-${traceId}-${parentId}-01-more`,
      `00-${traceId}-${parentId}-01, 00-${traceId}-${parentId}-01`,
      `00-${traceId.toUpperCase()}-${parentId}-01`,
      '',
    ]
    const readable = `cc-${traceId}-${parentId}-01-more`
    const [followed, ...others] = await Promise.all(
      [readable, ...unreadable].map(async (traceparent, i) =>
        spansOf(await exchange(world.token({ jti: `traced-${i}` }), { traceparent })),
      ),
    )
    expect(followed?.exchange).to.include({ traceId, parentSpanId: parentId })
    for (const [i, { exchange: whole }] of others.entries()) {
      expect(whole.traceId, unreadable[i]).to.not.equal(traceId)
      expect(whole.parentSpanId ?? '', unreadable[i]).to.equal('')
    }
  })

  it('a refusal bears its reason, where it was refused and as a whole, and is no error of ours', async () => {
    const { exchange: whole, steps } = await spansOf(await exchange(world.token({ sub: 'nobody', jti: 'refused' })))
    expect(names(steps)).to.deep.equal(['parse', 'verify', 'match', 'record'])
    expect(whole.attributes).to.include({
      'countersign.result': 'refused',
      'countersign.reason': 'no_account_matches',
      'countersign.issuer_id': world.issuer.id,
    })
    expect(whole.status.code ?? 0).to.equal(0)

    const late = await spansOf(await exchange(world.token({ iat: 1, exp: 2, jti: 'late' })))
    expect(names(late.steps)).to.deep.equal(['parse', 'verify', 'record'])
    expect(late.steps[1]?.attributes).to.deep.equal({ 'countersign.reason': 'token_expired' })
    expect(late.exchange.attributes).to.include({ 'countersign.issuer_id': world.issuer.id })
  })

  it('what is our fault is an error', async () => {
    const away = await startProvider()
    away.fail('error')
    await world.make('/issuers', { name: 'away', issuer: away.issuer })
    const { exchange: whole, steps } = await spansOf(await exchange(away.token({ aud: world.audience })))
    expect(whole.attributes).to.include({
      'countersign.result': 'failed',
      'countersign.reason': 'issuer_unavailable',
    })
    expect([whole.status.code, steps.find(({ name }) => name === 'verify')?.status.code]).to.deep.equal([2, 2])
    await away.close()
  })

  it('an API key: whose it is, and neither the key nor an issuer', async () => {
    const { exchange: whole, steps } = await spansOf(await world.withKey(world.apiKey))
    expect(names(steps)).to.deep.equal(['parse', 'verify', 'grant', 'mint', 'record'])
    expect(whole.attributes).to.have.property('countersign.org_id')
    expect(whole.attributes).to.not.have.property('countersign.issuer_id')
  })

  it('has no secret and no claim in it', async () => {
    const token = world.token({ jti: 'jti-of-the-test', sub: 'job-1', note: 'a-claim-of-the-test' })
    const granted = await exchange(token)
    await spansOf(granted)
    const replayed = await exchange(token)
    expect(replayed.body.reason).to.equal('token_replayed')
    await spansOf(replayed)
    const sent = collector.bodies.join('\n')
    const access = String(granted.body.access_token)
    const hidden = [
      token,
      ...token.split('.'),
      access,
      String(claimsIn(access).jti),
      'jti-of-the-test',
      'a-claim-of-the-test',
      'job-1',
      'nobody',
      provider.issuer,
      world.audience,
      world.apiKey,
      'trainer',
    ]
    for (const one of hidden) expect(sent).to.not.contain(one)
    expect(collector.spans.flatMap(({ events }) => events ?? [])).to.deep.equal([])
  })

  it('what was traced is sent before the service ends', async () => {
    const own = await startService({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/` } })
    try {
      const answer = await call(own, 'POST', '/oauth/token')
      expect(await own.stop()).to.equal(0)
      const id = answer.headers.get('x-request-id')
      expect(
        names(collector.spans.filter(({ attributes }) => attributes['countersign.request_id'] === id)),
      ).to.deep.equal(['exchange'])
    } finally {
      await own.close()
    }
  })
})

describe('telemetry/traces, while the collector is away', () => {
  it('exchanges go on, the log says so once, and again when it is back', async () => {
    const port = await freePort()
    const password = 'password-of-the-collector-Xw4kT9'
    leaks.learn('a password', password)
    const url = `http://ours:${password}@127.0.0.1:${port}`
    const service = await startService({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: url } })
    let collector: Collector | undefined
    const said = (message: string) =>
      new Promise<void>((resolve) => {
        service.process.stdout?.on('data', (chunk) => String(chunk).includes(message) && resolve())
      })
    const lost = said('traces cannot be sent')
    const found = said('traces are sent again')
    try {
      expect((await call(service, 'POST', '/oauth/token')).status).to.equal(400)
      await lost
      collector = await startCollector(port)
      collector.be('refuses')
      const refused = collector.refused()
      expect((await call(service, 'POST', '/oauth/token')).status).to.equal(400)
      await refused
      collector.be('takes')
      expect((await call(service, 'POST', '/oauth/token')).status).to.equal(400)
      await found
      expect(service.lines.filter(({ level }) => level === 40)).to.have.length(1)
    } finally {
      await service.close()
      await collector?.close()
    }
  })

  it('one that takes and never answers does not keep the service from ending', async () => {
    const collector = await startCollector()
    collector.be('hangs')
    const service = await startService({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url } })
    try {
      expect((await call(service, 'POST', '/oauth/token')).status).to.equal(400)
      const asked = performance.now()
      expect(await service.stop()).to.equal(0)
      expect(performance.now() - asked).to.be.below(8_000)
    } finally {
      await service.close()
      await collector.close()
    }
  })
})

describe('telemetry, while it is off', () => {
  it('nothing of it is loaded: no import reaches the libraries but one that is made when they are wanted', () => {
    const seen = new Set<string>()
    const packages = new Set<string>()
    const visit = (file: string): void => {
      if (seen.has(file)) return
      seen.add(file)
      const text = readFileSync(file, 'utf8')
      for (const [, type, target = ''] of text.matchAll(
        /^(?:import|export) (type )?(?:[\w*{][^'"]*? from )?'([^']+)'/gm,
      )) {
        if (type !== undefined) continue
        if (target.startsWith('.')) visit(resolve(dirname(file), target))
        else packages.add(target)
      }
    }
    visit(join(root, 'src/server/main.ts'))
    expect([...packages]).to.include('pino')
    expect([...packages].filter((name) => /opentelemetry|prom-client/.test(name))).to.deep.equal([])
  })
})
