import { createLog, serve } from '../server/main.ts'
import { loadSettings } from '../server/settings.ts'
import { root } from './root.ts'

/** Runs the service until it is told to stop; resolves with the exit code. */
export async function serveCommand(): Promise<number> {
  const settings = loadSettings(root)
  if (settings.workers === 1) return serve(settings)
  const { asWorker, isWorker, supervise } = await import('../server/supervise.ts')
  // One port cannot be each worker's.
  if (isWorker()) return asWorker((life) => serve({ ...settings, metricsPort: 0 }, life))
  // Whatever the log level: the ready line is how programs learn the port.
  const log = createLog(settings)
  const announce = log.child({}, { level: 'info' })
  return supervise({
    count: settings.workers,
    log: { info: announce.info.bind(announce), warn: log.warn.bind(log) },
  })
}
