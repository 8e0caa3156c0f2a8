/**
 * The sealer in a thread of its own: linking an event takes a good part of the processor time that its exchange takes, and
 * nobody waits for that but whoever asks for the trail.
 */
import { extname, join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Sealer } from '../audit/sealer.ts'
import { StorageUnavailable } from '../errors/refusal.ts'

export type ThreadData = { url: string }
export type ToThread = 'seal' | 'close'
export type FromThread = { report: unknown } | { sealed: true } | { sealed: false; error: unknown }

type Needs = {
  /** Of PostgreSQL. */
  url: string
  report: (error: unknown) => void
  /** What runs in the thread. */
  program?: string
  /** ms before a thread that died is replaced. */
  rest?: number
}

/** ms that the thread has for ending. */
const ending = 10_000
/** MB of its young generation: it needs little, and a process has enough of others. */
const young = 8

const sealing = join(import.meta.dirname, `sealing-thread${extname(import.meta.filename)}`)

export function sealAside({ url, report, program = sealing, rest = 1_000 }: Needs): Sealer {
  let thread: Worker | undefined
  let closing = false
  /** What is asked of the thread, one question at a time. */
  let asked: PromiseWithResolvers<void> | undefined
  let next: Promise<void> | undefined

  function heard(message: FromThread) {
    if ('report' in message) return report(message.report)
    const { resolve, reject } = asked ?? {}
    asked = undefined
    if (message.sealed) resolve?.()
    else reject?.(new StorageUnavailable(message.error))
  }

  function run(): Worker {
    const data: ThreadData = { url }
    const worker = new Worker(program, { workerData: data, resourceLimits: { maxYoungGenerationSizeMb: young } })
    worker.unref()
    worker.on('message', heard)
    worker.on('error', report)
    worker.once('exit', () => {
      thread = undefined
      asked?.reject(new StorageUnavailable(new Error('the thread that links the trail has ended')))
      asked = undefined
      if (!closing) setTimeout(start, rest).unref()
    })
    return worker
  }

  function start() {
    if (!closing) thread ??= run()
  }

  function ask(): Promise<void> {
    start()
    asked = Promise.withResolvers()
    thread?.postMessage('seal' satisfies ToThread)
    return asked.promise
  }

  /** All who ask while it is at it share the next time. */
  function now(): Promise<void> {
    if (closing) return Promise.reject(new StorageUnavailable(new Error('the service is closing')))
    if (!asked) return ask()
    next ??= asked.promise
      .catch(() => {})
      .then(() => {
        next = undefined
        return now()
      })
    return next
  }

  return {
    now,
    start,
    async close() {
      closing = true
      const ends = thread
      if (!ends) return
      const exited = Promise.withResolvers<unknown>()
      ends.once('exit', exited.resolve)
      const late = setTimeout(() => void ends.terminate(), ending)
      ends.postMessage('close' satisfies ToThread)
      await exited.promise
      clearTimeout(late)
    },
  }
}
