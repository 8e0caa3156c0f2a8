/** The writing thread as seen from the main one: asks go in, answers come back in order; a dead thread is replaced. */
import { Worker } from 'node:worker_threads'
import { StorageUnavailable } from '../../errors/refusal.ts'
import { type Turns, turns } from '../turns.ts'
import { errorOf } from './failures.ts'
import type { Answer, Ask, Mode, Result, Statement, WorkerOptions } from './wire.ts'

export type Writer = {
  /** The results of the ask, or undefined when a script met a number of rows that it did not expect. */
  ask(mode: Mode, statements?: readonly Statement[]): Promise<Result[] | undefined>
  /** All or nothing, in one round trip. Takes an urgent turn among the transactions: this is how the trail is written. */
  script(statements: readonly Statement[]): Promise<Result[] | undefined>
  turns: Turns
  close(): Promise<void>
}

type Waiting = { resolve(results: Result[] | undefined): void; reject(error: Error): void }
type Thread = { worker: Worker; waiting: Waiting[] }

const nothing: readonly Statement[] = []
/** What the thread holds is one ask and its answer; V8 would let it keep far more garbage than that. */
const resourceLimits = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 256 }
/** This file runs as it is written, or compiled. */
const workerFile = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url)

function settle({ resolve, reject }: Waiting, answer: Answer): void {
  if ('results' in answer) resolve(answer.results)
  else if ('moved' in answer) resolve(undefined)
  else reject(errorOf(answer.failure))
}

export function openWriter(options: WorkerOptions): Writer {
  const order = turns()
  let thread: Thread | undefined
  let closed = false

  function start(): Thread {
    const fresh: Thread = { worker: new Worker(workerFile, { workerData: options, resourceLimits }), waiting: [] }
    const gone = (cause: unknown): void => {
      if (thread === fresh) thread = undefined
      for (const { reject } of fresh.waiting.splice(0)) reject(new StorageUnavailable(cause))
    }
    fresh.worker.on('message', (answer: Answer) => {
      const first = fresh.waiting.shift()
      if (first) settle(first, answer)
    })
    fresh.worker.on('error', gone)
    fresh.worker.on('exit', (code) => gone(new Error(`the writing thread ended (${code})`)))
    return fresh
  }

  function ask(mode: Mode, statements = nothing): Promise<Result[] | undefined> {
    if (closed) return Promise.reject(new StorageUnavailable(new Error('the storage is closed')))
    thread ??= start()
    const { worker, waiting } = thread
    return new Promise((resolve, reject) => {
      worker.postMessage({ mode, statements } satisfies Ask)
      waiting.push({ resolve, reject })
    })
  }

  return {
    ask,
    turns: order,
    async script(statements) {
      const done = await order.take('urgent')
      try {
        return await ask('script', statements)
      } finally {
        done()
      }
    },
    async close() {
      // After all who came before, of either urgency.
      const through = await order.take('ordinary')
      through()
      const done = await order.take('urgent')
      closed = true
      done()
      if (!thread) return
      const { worker } = thread
      await new Promise<void>((resolve) => {
        worker.once('exit', () => resolve())
        worker.postMessage({ mode: 'close', statements: nothing } satisfies Ask)
      })
    },
  }
}
