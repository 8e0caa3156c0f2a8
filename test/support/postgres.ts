/** A real PostgreSQL on a free port, for one run of the tests: started when it is first asked for, gone with the process. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { freePort } from './free-port.ts'
import { findProgram } from './program.ts'

export type Postgres = {
  port: number
  process: ChildProcess
  /** An empty database of its own; its URL. `template`: one to copy. */
  create(template?: string): Promise<string>
  drop(url: string): Promise<void>
  /** Ends it at once, as a power cut does; what was committed stays. */
  kill(): Promise<void>
  /** On the same port and data. */
  start(): Promise<void>
  close(): Promise<void>
}

const run = promisify(execFile)
/** PostgreSQL does not run as root. */
const asNobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}

/** Debian keeps the server's programs out of PATH. */
async function programs(): Promise<string> {
  const kept = '/usr/lib/postgresql'
  const versions = () => {
    try {
      return readdirSync(kept).sort((a, b) => Number(b) - Number(a))
    } catch {
      return []
    }
  }
  const [newest] = versions()
  if (newest !== undefined) return join(kept, newest, 'bin')
  try {
    return dirname(await findProgram('initdb', 'postgresql'))
  } catch (error) {
    const [installed] = versions()
    if (installed === undefined) throw error
    return join(kept, installed, 'bin')
  }
}

/**
 * `durable`: commits wait for the disk; without it they do not, which is enough for most tests.
 * `dataOn`, `logOn`: the disk that has its data, or its write-ahead log, where that is not the machine's own.
 */
type Options = { durable?: boolean; dataOn?: string | undefined; logOn?: string | undefined }

export async function startPostgres({ durable = true, dataOn, logOn }: Options = {}): Promise<Postgres> {
  const bin = await programs()
  const folder = mkdtempSync(join(tmpdir(), 'countersign-postgres-'))
  if (asNobody.uid !== undefined) chownSync(folder, asNobody.uid, asNobody.gid)
  const data = join(dataOn ?? folder, 'data')
  const log = ['-X', join(logOn ?? folder, 'log'), '--wal-segsize=1']
  const initial = [
    '-D',
    data,
    '-U',
    'postgres',
    '-A',
    'trust',
    '--no-sync',
    '-E',
    'UTF8',
    ...(logOn || dataOn ? log : []),
  ]
  await run(join(bin, 'initdb'), initial, { cwd: folder, ...asNobody })
  const port = await freePort()
  const settings = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: folder,
    fsync: durable ? 'on' : 'off',
    full_page_writes: durable ? 'on' : 'off',
    max_connections: 200,
    shared_buffers: '64MB',
    log_min_messages: 'fatal',
  }
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  // It asks nobody for the password, which is there to be kept to oneself.
  const url = (name: string) => `postgres://postgres:password-of-the-tests-Kq8xVw3ZpT@127.0.0.1:${port}/${name}`
  const asked = async (sql: string): Promise<void> => {
    const client = new pg.Client(url('postgres'))
    await client.connect()
    try {
      await client.query(sql)
    } finally {
      await client.end()
    }
  }
  let server: ChildProcess
  let made = 0

  const start = async (): Promise<void> => {
    server = spawn(join(bin, 'postgres'), ['-D', data, ...args], { stdio: 'ignore', cwd: folder, ...asNobody })
    for (const end = Date.now() + 30_000; ; ) {
      try {
        return await asked('select 1')
      } catch (error) {
        if (server.exitCode !== null || Date.now() > end) throw error
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    }
  }
  const end = async (signal: 'SIGQUIT' | 'SIGINT'): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return
    const exited = once(server, 'exit')
    server.kill(signal)
    await exited
  }
  const make = async (template: string): Promise<string> => {
    made += 1
    const name = `t${process.pid}_${made}`
    await asked(`create database ${name} template ${template}`)
    return url(name)
  }
  /** By template, of one that no test harms: made while the test before is under way. */
  const ahead = new Map<string, Promise<string>>()
  await start()
  process.once('exit', () => {
    server.kill('SIGQUIT')
    rmSync(folder, { recursive: true, force: true })
  })
  return {
    port,
    get process() {
      return server
    },
    async create(template = 'template0') {
      const wanted = ahead.get(template) ?? make(template)
      ahead.delete(template)
      const created = await wanted
      if (!durable && !ahead.has(template)) {
        const next = make(template)
        ahead.set(template, next)
        // Whoever wants it hears of it.
        next.catch(() => {})
      }
      return created
    },
    drop: (at) => asked(`drop database if exists ${new URL(at).pathname.slice(1)} with (force)`),
    kill: () => end('SIGQUIT'),
    start,
    async close() {
      await end('SIGINT')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

let shared: Promise<Postgres> | undefined
/** One for all tests of this run that do not harm it. */
export const sharedPostgres = (): Promise<Postgres> => {
  shared ??= startPostgres({ durable: false })
  return shared
}
