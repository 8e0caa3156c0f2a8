/** The service as a user runs it: a process of its own, on a free port, with a data folder that goes with it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

export const root = resolve(import.meta.dirname, '../..')

/** Nothing of the machine's own settings reaches a test. */
export const bareEnv = { PATH: process.env.PATH ?? '', NODE_NO_WARNINGS: '1', MALLOC_ARENA_MAX: '2' }

export type Service = {
  /** Where it listens. */
  url: string
  publicUrl: string
  dataDir: string
  operatorKey: string
  /** The JSON lines of its log, as far as it has come. */
  lines: Record<string, unknown>[]
  process: ChildProcess
  /** SIGTERM; resolves with the exit code. The data folder stays. */
  stop(): Promise<number | null>
  /** SIGKILL. The data folder stays. */
  kill(): Promise<void>
  /** Stops it, if it runs, and removes the data folder. */
  close(): Promise<void>
}

/** By folder: a service that is started again on its data finds its database. */
const databases = new Map<string, Record<string, string>>()

/** `TESTS_ON=postgres`: what tells nothing of its database gets one of PostgreSQL. */
async function databaseFor(dataDir: string, env: Record<string, string>): Promise<Record<string, string>> {
  if (process.env.TESTS_ON !== 'postgres' || env.DATABASE_URL !== undefined) return {}
  const known = databases.get(dataDir)
  if (known) return known
  const { sharedPostgres } = await import('./postgres.ts')
  const postgres = await sharedPostgres()
  const made = { DATABASE_URL: await postgres.create(), MASTER_KEY: Buffer.alloc(32, 7).toString('base64') }
  databases.set(dataDir, made)
  return made
}

/** `at`: the folder that has bin/countersign.js, when it is not this checkout. */
type Options = { env?: Record<string, string>; dataDir?: string; at?: string }

export async function startService({
  env = {},
  dataDir = mkdtempSync(join(tmpdir(), 'countersign-')),
  at = root,
}: Options = {}): Promise<Service> {
  const database = await databaseFor(dataDir, env)
  const operatorKey = env.OPERATOR_KEY ?? 'operator-key-of-the-tests-0123456789abcdef'
  const child = spawn(process.execPath, [join(at, 'bin/countersign.js'), 'serve'], {
    cwd: dataDir,
    env: {
      ...bareEnv,
      PORT: '0',
      DATA_DIR: dataDir,
      ISSUER_NETWORK: 'any',
      DRAIN_SECONDS: '0',
      METRICS_PORT: '0',
      NODE_OPTIONS: '--max-semi-space-size=4',
      ...database,
      OPERATOR_KEY: operatorKey,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines: Record<string, unknown>[] = []
  let complaint = ''
  child.stderr?.on('data', (chunk) => {
    complaint += chunk
  })
  const exited = once(child, 'exit')
  const ready = await new Promise<Record<string, unknown>>((resolve, reject) => {
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      const read = JSON.parse(line) as Record<string, unknown>
      lines.push(read)
      if (read.msg === 'ready') resolve(read)
    })
    exited.then(() => reject(new Error(`the service ended before it was ready: ${complaint}`)))
  })
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal)
      await exited
    }
    return child.exitCode
  }
  return {
    url: String(ready.url),
    publicUrl: String(ready.public_url),
    dataDir,
    operatorKey,
    lines,
    process: child,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL').then(() => undefined),
    async close() {
      await end('SIGTERM')
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

export type Answer = { status: number; headers: Headers; body: Record<string, unknown> }

/** One call of the service's API. `secret`: an access token or API key. */
export async function call(
  service: Pick<Service, 'url'>,
  method: string,
  path: string,
  {
    secret,
    json,
    form,
    headers = {},
  }: { secret?: string; json?: unknown; form?: Record<string, string>; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const response = await fetch(service.url + path, {
    method,
    redirect: 'manual',
    headers: {
      ...(secret === undefined ? {} : { authorization: `Bearer ${secret}` }),
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    ...(form === undefined ? {} : { body: new URLSearchParams(form) }),
  })
  const text = await response.text()
  const isJson = /[/+]json\b/.test(response.headers.get('content-type') ?? '')
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : { text } }
}
