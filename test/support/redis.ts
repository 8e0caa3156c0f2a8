/** A real Redis on a free port of loopback that keeps nothing on disk. It can be killed, and started again on its port. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import { findProgram } from './program.ts'

export type RedisServer = {
  url: string
  port: number
  /** The one that runs now. */
  readonly process: ChildProcess
  /** SIGKILL: what it held is gone, connections are reset. */
  kill(): Promise<void>
  /** After `kill`: a new one, empty, on the same port. */
  startAgain(): Promise<void>
  /** Asks it to end, and removes what it wrote. */
  stop(): Promise<void>
}

/** `options`: as on the command line of redis-server, such as `['--cluster-enabled', 'yes']`. */
export async function startRedis(options: readonly string[] = []): Promise<RedisServer> {
  const program = await findProgram('redis-server')
  const folder = mkdtempSync(join(tmpdir(), 'countersign-redis-'))
  // Between finding a port and listening on it, somebody else may.
  for (let tries = 1; ; tries++) {
    const port = await freePort()
    const run = () => spawnRedis(program, [...fixed(folder, port), ...options], 'Ready to accept connections')
    try {
      return serverOf(await run(), run, folder, port)
    } catch (error) {
      if (tries < 5 && /Address already in use/.test(String(error))) continue
      rmSync(folder, { recursive: true, force: true })
      throw error
    }
  }
}

function serverOf(first: ChildProcess, run: () => Promise<ChildProcess>, folder: string, port: number): RedisServer {
  let child = first
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const closed = once(child, 'close')
    child.kill(signal)
    await closed
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    get process() {
      return child
    },
    kill: () => end('SIGKILL'),
    async startAgain() {
      child = await run()
    },
    async stop() {
      // One that a test has stopped by SIGSTOP hears no other signal.
      child.kill('SIGCONT')
      await end('SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const fixed = (folder: string, port: number): string[] =>
  Object.entries({
    port: `${port}`,
    bind: '127.0.0.1',
    dir: folder,
    save: '',
    appendonly: 'no',
    daemonize: 'no',
    'shutdown-timeout': '0',
  }).flatMap(([name, value]) => [`--${name}`, value])

/** Comes back when it has said `ready`. */
export async function spawnRedis(program: string, args: readonly string[], ready: string): Promise<ChildProcess> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  try {
    await new Promise<void>((resolve, reject) => {
      const listen = (text: string) => {
        said += text
        if (said.includes(ready)) resolve()
      }
      child.stdout.setEncoding('utf8').on('data', listen)
      child.stderr.setEncoding('utf8').on('data', listen)
      child.on('error', reject)
      child.on('close', () => reject(new Error(`redis-server ended before it was ready: ${said}`)))
    })
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
  return child
}
