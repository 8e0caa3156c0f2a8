/**
 * The service as a user runs it: a process of its own, on a free port, with a data folder that goes with it. Whatever it
 * says, answers and keeps is searched for secrets (leaks.ts): an answer when it comes, the log when the service has
 * ended, the rest when it is closed.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { searchPlaces } from './leak-places.ts'
import { complain, leaks } from './leaks.ts'

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
  /** Stops it, if it runs, and removes the data folder. Throws when a secret was left anywhere. */
  close(): Promise<void>
}

/** So marked that they are known wherever they turn up. */
const markedOperatorKey = 'operator-key-of-the-tests-hJ4vQ9xT2mWc7RzLbK8d'
export const markedMasterKey = 'bWFzdGVyLWtleS1vZi10ZXN0cyHX0p8Zq3rWk5VxJyQ='

/** By folder: a service that is started again on its data finds its database. */
const databases = new Map<string, Record<string, string>>()

/** `TESTS_ON=postgres`: what tells nothing of its database gets one of PostgreSQL. */
async function databaseFor(dataDir: string, env: Record<string, string>): Promise<Record<string, string>> {
  if (process.env.TESTS_ON !== 'postgres' || env.DATABASE_URL !== undefined) return {}
  const known = databases.get(dataDir)
  if (known) return known
  const { sharedPostgres } = await import('./postgres.ts')
  const postgres = await sharedPostgres()
  const made = { DATABASE_URL: await postgres.create(), MASTER_KEY: markedMasterKey }
  databases.set(dataDir, made)
  return made
}

/** `at`: the folder that has bin/countersign.js, when it is not this checkout. `searched`: for secrets, as it ends. */
type Options = { env?: Record<string, string>; dataDir?: string; at?: string; searched?: boolean }

export async function startService({
  env = {},
  dataDir = mkdtempSync(join(tmpdir(), 'countersign-')),
  at = root,
  searched = true,
}: Options = {}): Promise<Service> {
  const database = await databaseFor(dataDir, env)
  const operatorKey = env.OPERATOR_KEY ?? markedOperatorKey
  const told = { ...database, OPERATOR_KEY: operatorKey, ...env }
  leaks.learnFromEnv(told)
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
      ...told,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines: Record<string, unknown>[] = []
  let said = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  let complaint = ''
  child.stderr?.on('data', (chunk) => {
    complaint += chunk
  })
  const exited = once(child, 'exit')
  const closed = once(child, 'close')
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
    // All that it has said; a worker of it may hold its voice a little longer.
    await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 1_000).unref())])
    leaks.refuse('its log', withoutSetupLink(said), complaint)
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
      try {
        if (searched) await searchMetrics(lines, child)
        await end('SIGTERM')
        if (searched) complain((await searchPlaces(leaks, dataDir, told)).leaks)
      } finally {
        rmSync(dataDir, { recursive: true, force: true })
      }
    },
  }
}

/** The page that Prometheus would read now, if there is one. */
async function searchMetrics(lines: readonly Record<string, unknown>[], { exitCode, signalCode }: ChildProcess) {
  const url = lines.find(({ metrics_url }) => metrics_url)?.metrics_url
  if (url === undefined || exitCode !== null || signalCode !== null) return
  // A service that a test has stopped answers nobody.
  const page = await fetch(String(url), { signal: AbortSignal.timeout(2_000) }).catch(() => undefined)
  if (page) leaks.refuse('/metrics', await page.text())
}

/** The line that gives the link is the one place where it belongs. */
function withoutSetupLink(said: string): string {
  const lines = said.split('\n').map((line) => {
    const link = /"setup_url":"([^"]+)"/.exec(line)?.[1]
    if (link === undefined) return line
    leaks.learn('the secret of a set-up link', link.slice(link.lastIndexOf('/') + 1))
    return line.replaceAll(link, '')
  })
  return lines.join('\n')
}

export type Answer = { status: number; headers: Headers; body: Record<string, unknown> }

/** One call of the service's API. `secret`: an access token or API key. Throws when the answer holds a secret that is not to be shown there. */
export async function call(
  service: Pick<Service, 'url'>,
  method: string,
  path: string,
  {
    secret,
    json,
    form,
    text: sent,
    headers = {},
  }: {
    secret?: string
    json?: unknown
    form?: Record<string, string>
    text?: string
    headers?: Record<string, string>
  } = {},
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
    ...(sent === undefined ? {} : { body: sent }),
  })
  const text = await response.text()
  const { status } = response
  const isJson = /[/+]json\b/.test(response.headers.get('content-type') ?? '')
  const body = isJson ? JSON.parse(text) : { text }
  const rest = leaks.learnFromAnswer(body, text)
  // A page may show a key once, to a person.
  const isPage = status < 400 && response.headers.get('content-type')?.startsWith('text/html')
  leaks.refuse(`the answer to ${method} ${path} (${status})`, JSON.stringify([...response.headers]), isPage ? '' : rest)
  return { status, headers: response.headers, body }
}
