/** A private instance: the real `countersign serve`, a process of its own, with a data folder that goes with it. */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { root } from '../root.ts'

export type Instance = {
  url: string
  publicUrl: string
  operatorKey: string
  pid: number
  dataDir: string
  /** Stops it and removes the folder. */
  close(): Promise<void>
}

/** Longest wait for a stopping instance, in ms, before it is killed. */
const patience = 5_000

export async function openInstance(): Promise<Instance> {
  const dataDir = mkdtempSync(join(tmpdir(), 'countersign-demo-'))
  const operatorKey = randomBytes(32).toString('base64url')
  const child = spawn(process.execPath, [join(root, 'bin/countersign.js'), 'serve'], {
    cwd: dataDir,
    env: {
      // All that an own config/local.yaml could have set otherwise; nothing of the caller's environment.
      PATH: process.env.PATH,
      NODE_NO_WARNINGS: '1',
      HOST: '127.0.0.1',
      PORT: '0',
      DATA_DIR: dataDir,
      DATABASE_URL: `sqlite:${join(dataDir, 'countersign.db')}`,
      MASTER_KEY: randomBytes(32).toString('base64'),
      OPERATOR_KEY: operatorKey,
      ISSUER_NETWORK: 'any',
      LOG_LEVEL: 'info',
      METRICS_PORT: '0',
      DRAIN_SECONDS: '0',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = once(child, 'exit')
  const close = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM')
      const late = setTimeout(() => child.kill('SIGKILL'), patience)
      await exited
      clearTimeout(late)
    }
    rmSync(dataDir, { recursive: true, force: true })
  }
  let complaint = ''
  child.stderr.on('data', (chunk) => {
    complaint += chunk
  })
  try {
    const ready = await new Promise<{ url: string; public_url: string }>((resolve, reject) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        const read = JSON.parse(line)
        if (read.msg === 'ready') resolve(read)
      })
      child.on('close', () => reject(new Error(`the private instance did not start: ${complaint.trim()}`)))
    })
    return { url: ready.url, publicUrl: ready.public_url, operatorKey, pid: child.pid as number, dataDir, close }
  } catch (error) {
    await close()
    throw error
  }
}
