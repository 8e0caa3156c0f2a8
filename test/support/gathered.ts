/** A primary and its workers, each with metrics: an exchange that is refused by every worker, but one more by the first. */
import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import { Refusal } from '../../src/server/errors/refusal.ts'
import { metricsServer } from '../../src/server/http/metrics-server.ts'
import { openGathering } from '../../src/server/telemetry/gather.ts'
import { openTelemetry } from '../../src/server/telemetry/open.ts'

const [count, port] = process.argv.slice(2).map(Number) as [number, number]
const settings = { host: '127.0.0.1', metricsPort: port, metricsPortGiven: true, tracesUrl: undefined }
const say = () => {}
const log = { debug: say, info: say, warn: say, error: say }

if (cluster.isPrimary) {
  const workers = Array.from({ length: count }, () => cluster.fork())
  await Promise.all(workers.map((worker: Worker) => once(worker, 'message')))
  await openGathering(settings, log, metricsServer(log))
  process.on('message', (which: 'kill' | 'stop') => {
    const [first] = workers
    if (which === 'kill') first?.once('disconnect', () => process.send?.('killed'))
    first?.process.kill(which === 'kill' ? 'SIGKILL' : 'SIGSTOP')
    if (which === 'stop') process.send?.('stopped')
  })
  process.on('disconnect', () => {
    for (const worker of workers) worker.process.kill('SIGKILL')
    process.exit()
  })
  process.send?.('serving')
} else {
  // A worker says other things too.
  process.on('message', () => process.send?.({ countersign: 'something else' }))
  const telemetry = await openTelemetry({ settings, log, serve: metricsServer(log) })
  const dependencies = async () => ({ database: { state: 'ok' } })
  await telemetry.listen({ phase: () => 'serving', dependencies, issuers: () => ({}) })
  const exchange = telemetry.exchange(async () => {
    throw new Refusal('token_expired')
  })
  const times = cluster.worker?.id === 1 ? 2 : 1
  const origin = { requestId: 'req_1', client: { ip: '', user_agent: '' } }
  for (let i = 0; i < times; i++) await exchange(() => ({ parameters: [] }), origin).catch(say)
  process.send?.('ready')
}
