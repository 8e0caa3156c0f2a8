import { createLog, serve } from '../server/main.ts'
import { loadSettings, type Settings } from '../server/settings.ts'
import { root } from './root.ts'

/** Runs the service until it is told to stop; resolves with the exit code. */
export async function serveCommand(): Promise<number> {
  const settings = loadSettings(root)
  if (settings.workers === 1) return serve(settings)
  const { asWorker, isWorker } = await import('../server/supervise.ts')
  return isWorker() ? asWorker((life) => serve(settings, life)) : lookAfter(settings)
}

/** What the primary of several workers does: it looks after them, and shows their metrics at one place. */
async function lookAfter(settings: Settings): Promise<number> {
  const [{ supervise }, { openGathering }, { metricsServer }] = await Promise.all([
    import('../server/supervise.ts'),
    import('../server/telemetry/gather.ts'),
    import('../server/http/metrics-server.ts'),
  ])
  const log = createLog(settings)
  // Whatever the log level: the ready line is how programs learn the port.
  const announce = log.child({}, { level: 'info' })
  const metrics = await openGathering(settings, log, metricsServer(log))
  try {
    return await supervise({
      count: settings.workers,
      log: { info: announce.info.bind(announce), warn: log.warn.bind(log) },
    })
  } finally {
    await metrics?.close()
  }
}
