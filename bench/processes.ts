/** The processes of a run: the ceiling, the client, and what the kernel says of them. */
import { type ChildProcess, execFileSync, fork } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Load, Measured } from './load.ts'

export type Ceiling = { port: number; pid: number; stop(): void }

export function startCeiling(publicJwk: object): Promise<Ceiling> {
  const child = fork(join(import.meta.dirname, 'ceiling.ts'))
  child.send(publicJwk)
  return listening(child)
}

/** Express with nothing but a JSON echo, at /echo. */
export const startEcho = () => listening(fork(join(import.meta.dirname, 'echo.ts')))

async function listening(child: ChildProcess): Promise<Ceiling> {
  const [port] = (await once(child, 'message')) as [number]
  return { port, pid: pidOf(child), stop: () => void child.disconnect() }
}

export type Client = { run(load: Load): Promise<Measured>; stop(): void }

/** Throws with the first answer that is not as expected. */
export function startClient(): Client {
  const child = fork(join(import.meta.dirname, 'load.ts'))
  return {
    async run(load) {
      child.send(load)
      const [measured] = (await once(child, 'message')) as [Measured]
      if (measured.wrong !== undefined) throw new Error(`not as expected:\n${measured.wrong}`)
      return measured
    },
    stop: () => void child.disconnect(),
  }
}

const pidOf = ({ pid }: ChildProcess) => {
  if (pid === undefined) throw new Error('the process did not start')
  return pid
}

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

/** Milliseconds that all threads of a process have run, for themselves and in the kernel (proc(5)). */
export function cpuOf(pid: number): number {
  const [utime, stime] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ').slice(11, 13) ?? []
  return ((Number(utime) + Number(stime)) * 1000) / ticksPerSecond
}

/** Resident memory in MB. */
export function memoryOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
}

/** The same of a process and all that it has started, those among them that have ended too. */
export function cpuOfTree(pid: number): number {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  )
  return cpuOf(pid) + children.reduce((sum, child) => sum + cpuOfTree(child), 0)
}
