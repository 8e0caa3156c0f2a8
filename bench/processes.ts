/** The processes of a run: the ceiling, the client, and what the kernel says of them. */
import { type ChildProcess, execFileSync, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
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

export const childrenOf = (pid: number): number[] =>
  readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  )

/** The same of a process and all that it has started, those among them that have ended too. */
export const cpuOfTree = (pid: number): number =>
  cpuOf(pid) + childrenOf(pid).reduce((sum, child) => sum + cpuOfTree(child), 0)

/**
 * Holds each of the processes, with all of its threads, to so much of a core, by the kernel's control groups (either
 * version). What it returns ends that. Undefined where we may not.
 */
export function limited(pids: readonly number[], cores: number): (() => void) | undefined {
  const period = 10_000
  const quota = Math.round(period * cores)
  const [base, settings] = existsSync('/sys/fs/cgroup/cgroup.controllers')
    ? ['/sys/fs/cgroup', { 'cpu.max': `${quota} ${period}` }]
    : ['/sys/fs/cgroup/cpu', { 'cpu.cfs_period_us': String(period), 'cpu.cfs_quota_us': String(quota) }]
  const move = (pid: number, to: string) => writeFileSync(join(to, 'cgroup.procs'), String(pid))
  const free = () => {
    for (const pid of pids) {
      try {
        move(pid, base)
        rmdirSync(join(base, `countersign-bench-${pid}`))
      } catch {
        // It has ended, or was never held.
      }
    }
  }
  try {
    for (const pid of pids) {
      const group = join(base, `countersign-bench-${pid}`)
      mkdirSync(group)
      for (const [name, value] of Object.entries(settings)) writeFileSync(join(group, name), value)
      move(pid, group)
    }
    return free
  } catch {
    free()
    return undefined
  }
}
