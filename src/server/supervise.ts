/**
 * WORKERS=n: processes of one machine behind one port, and who looks after them.
 * Rules of this file: the primary opens nothing and serves nobody; it starts, tells, and replaces who dies. The first
 * worker starts alone (it migrates, and makes the set-up link), the others when it serves. A worker hears of its end
 * from the primary, from a signal of its own, or by the primary being gone; all three mean the same, however often.
 */
import cluster, { type Worker } from 'node:cluster'
import type { Life } from './main.ts'

/** The logger, as far as it is needed here. */
type Say = (fields: Record<string, unknown>, message: string) => void
type Needs = {
  count: number
  log: { info: Say; warn: Say }
  /** In ms, by how many died in a row: how long to wait before the next one. */
  delay?: (inARow: number) => number
}
/** An error of another process: what a complaint is made of. */
type Failure = { name: string; message: string; code?: unknown; reason?: unknown; cause?: Failure }
type ToWorker = { countersign: 'begin'; first: boolean } | { countersign: 'stop' }
type ToPrimary = { countersign: 'ready'; url: string; publicUrl: string } | { countersign: 'failed'; failure: Failure }
type Living = { worker: Worker; since: number; isReady: boolean; failure?: Failure }

/** In ms. Who lived so long did not die of its start. */
const settled = 10_000
/** So many in a row, before all have ever served, and the start has failed. */
const tries = 3
const backOff = (inARow: number) => (inARow === 0 ? 0 : Math.min(100 * 2 ** inARow, 10_000))
const signals = ['SIGTERM', 'SIGINT'] as const

export const isWorker = () => cluster.isWorker

/** Looks after the workers until all have ended; resolves with the exit code, rejects with why they do not start. */
export function supervise({ count, log, delay = backOff }: Needs): Promise<number> {
  const living = new Set<Living>()
  const timers = new Set<NodeJS.Timeout>()
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  let hasServed = false
  let isAnnounced = false
  let isStopping = false
  let inARow = 0
  let exitCode = 0
  let why: Error | undefined
  /** Where they listen, once that is known: with PORT=0 it must not change when all have died at once. */
  let bound = ''
  let env: Record<string, string> = {}

  function fill() {
    if (living.size === 0 && bound) env = { PORT: bound }
    while (living.size + timers.size < (hasServed ? count : 1)) start()
  }

  function start() {
    const worker = cluster.fork(env)
    const one: Living = { worker, since: performance.now(), isReady: false }
    living.add(one)
    tell(worker, { countersign: 'begin', first: !hasServed })
    worker.on('message', (message: ToPrimary) => heard(one, message))
    // Its last words may come after its exit, but not after the channel's.
    let ends = 0
    const end = () => ++ends === 2 && gone(one)
    worker.once('exit', end).once('disconnect', end)
    worker.on('error', () => worker.process.pid === undefined && gone(one))
  }

  function heard(one: Living, message: ToPrimary) {
    if (message.countersign === 'failed') one.failure = message.failure
    if (message.countersign !== 'ready') return
    one.isReady = true
    hasServed = true
    bound = new URL(message.url).port
    if (isStopping) return
    fill()
    const ready = [...living].filter(({ isReady }) => isReady).length
    if (isAnnounced || ready < count) return
    isAnnounced = true
    inARow = 0
    log.info({ url: message.url, public_url: message.publicUrl }, 'ready')
  }

  function gone(one: Living) {
    if (!living.delete(one)) return
    const { exitCode: code, signalCode: signal } = one.worker.process
    if (isStopping) {
      if (code !== 0) exitCode = 1
      return finish()
    }
    inARow = one.isReady && performance.now() - one.since > settled ? 0 : inARow + 1
    if (!isAnnounced && inARow >= tries) {
      why = one.failure
        ? errorOf(one.failure)
        : new Error(`the workers end as they start (${signal ?? `code ${code}`})`)
      return stop()
    }
    const wait = delay(inARow)
    // At the start it is said once, at the end.
    if (isAnnounced || !one.failure)
      log.warn(
        { worker: one.worker.id, code, signal, error: one.failure?.message, wait_ms: wait },
        'a worker ended; another one takes its place',
      )
    const timer = setTimeout(() => {
      timers.delete(timer)
      fill()
    }, wait)
    timers.add(timer)
  }

  function stop() {
    isStopping = true
    for (const timer of timers) clearTimeout(timer)
    for (const { worker } of living) tell(worker, { countersign: 'stop' })
    finish()
  }

  function finish() {
    if (living.size > 0) return
    for (const signal of signals) process.off(signal, signalled)
    if (why) reject(why)
    else resolve(exitCode)
  }

  /** The first signal asks all to stop; a second one stops all at once. */
  function signalled() {
    if (!isStopping) return stop()
    for (const { worker } of living) worker.process.kill('SIGKILL')
    process.exit(1)
  }

  // All accept from one queue. Handing connections out, as the module does by itself, loses the one that is on its way
  // to a worker who dies: its client would wait for ever.
  cluster.schedulingPolicy = cluster.SCHED_NONE
  for (const signal of signals) process.on(signal, signalled)
  fill()
  return promise
}

/** Runs what a worker runs, and ends it as the rules above say; resolves with the exit code. */
export async function asWorker(work: (life: Life) => Promise<number>): Promise<number> {
  const worker = cluster.worker as Worker
  const begun = Promise.withResolvers<boolean>()
  const stopped = Promise.withResolvers<void>()
  let isServing = false
  // Who does not serve yet has nobody to lose.
  const stop = () => (isServing ? stopped.resolve() : process.exit(0))
  process.on('message', (message: ToWorker) => {
    if (message.countersign === 'begin') begun.resolve(message.first)
    if (message.countersign === 'stop') stop()
  })
  for (const signal of signals) process.on(signal, stop)
  worker.once('disconnect', () => {
    // Else the cluster module ends the process in this very moment.
    worker.exitedAfterDisconnect = true
    stop()
  })
  try {
    return await work({
      name: { worker: worker.id },
      offersSetup: await begun.promise,
      ready(url, publicUrl) {
        isServing = true
        tell(worker, { countersign: 'ready', url, publicUrl })
      },
      stopped: () => stopped.promise,
    })
  } catch (error) {
    isServing = true
    await tell(worker, { countersign: 'failed', failure: failureOf(error) })
    return 1
  } finally {
    isServing = true
    // An open channel would keep the process.
    if (worker.isConnected()) worker.process.disconnect()
  }
}

/** Resolves when it is sent, or cannot be: who is gone is found out otherwise. */
const tell = (worker: Worker, message: ToWorker | ToPrimary) =>
  new Promise<void>((resolve) => {
    if (worker.isConnected()) worker.process.send?.(message, () => resolve())
    else resolve()
  })

function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) }
  const { name, message, cause, code, reason } = error as Error & { code?: unknown; reason?: unknown }
  return { name, message, code, reason, ...(cause instanceof Error && { cause: failureOf(cause) }) }
}

const errorOf = ({ cause, ...failure }: Failure): Error =>
  Object.assign(new Error(failure.message, cause && { cause: errorOf(cause) }), failure)
