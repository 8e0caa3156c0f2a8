/**
 * The metrics of several workers (WORKERS=n) at one place: the primary asks each when somebody looks. They stand side by
 * side, told apart by the label `worker`, and are not added up: a sum would fall when a worker dies, and a counter that
 * falls reads as one that began anew.
 */
import cluster, { type Worker } from 'node:cluster'
import { type Endpoint, type Log, type MetricsSettings, openEndpoint, type Serve } from './endpoint.ts'

type Asked = { countersignMetrics: number }
type Told = Asked & { text: string }

/** In ms: who does not answer by then is left out. */
const patience = 3_000
const contentType = 'text/plain; version=0.0.4; charset=utf-8'

/** For a worker: what the primary asks for. */
export function answerGathering(text: () => Promise<string>): void {
  process.on('message', async (message: Partial<Asked> | null) => {
    const asked = message?.countersignMetrics
    if (asked === undefined) return
    const told: Told = { countersignMetrics: asked, text: await text().catch(() => '') }
    // Who asked may be gone by now.
    if (process.connected) process.send?.(told, () => {})
  })
}

/** For the primary. As openEndpoint; undefined too when no metrics are wanted. */
export async function openGathering(settings: MetricsSettings, log: Log, serve: Serve): Promise<Endpoint | undefined> {
  if (settings.metricsPort === 0) return undefined
  let count = 0
  const text = async () => {
    const asked = { countersignMetrics: ++count }
    const workers = Object.values(cluster.workers ?? {}).filter((worker) => worker?.isConnected())
    return merged(await Promise.all(workers.map((worker) => ask(worker as Worker, asked))))
  }
  return openEndpoint(settings, { text, contentType }, log, serve)
}

function ask(worker: Worker, asked: Asked): Promise<string> {
  return new Promise((resolve) => {
    const done = (text: string) => {
      clearTimeout(late)
      worker.off('message', heard).off('disconnect', gone)
      resolve(text)
    }
    const heard = (message: Partial<Told> | null) => {
      if (message?.countersignMetrics === asked.countersignMetrics) done(message.text ?? '')
    }
    const gone = () => done('')
    const late = setTimeout(gone, patience)
    worker.on('message', heard).on('disconnect', gone)
    worker.send(asked, (error) => error && gone())
  })
}

/** All samples of one metric stand together, below its one description, as the format wants it. */
export function merged(texts: readonly string[]): string {
  const samples = new Map<string, string>()
  for (const family of texts.flatMap((text) => text.split(/^(?=# HELP )/m))) {
    const [, description = '', lines = ''] = /^(# HELP .*\n# TYPE .*\n)([\s\S]*)$/.exec(family) ?? []
    const known = samples.get(description) ?? ''
    if (description !== '') samples.set(description, `${known}${lines.trimEnd()}${lines.trim() === '' ? '' : '\n'}`)
  }
  return [...samples].map(([description, lines]) => description + lines).join('\n')
}
