import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { Failure } from '../failure.ts'
import type { Io } from '../io.ts'
import { exit } from '../terminal.ts'

/** What is passed on. At a terminal the first three come to the child from there already. */
const ofTerminal = ['SIGINT', 'SIGQUIT', 'SIGWINCH'] as const
const always = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const

/** Resolves with its exit code, or 128 and the signal's number. Throws Failure when it cannot be started. */
export async function runChild(
  { stdin, cwd }: Pick<Io, 'stdin' | 'cwd'>,
  program: string,
  args: readonly string[],
  env: Record<string, string | undefined>,
): Promise<number> {
  // Listening begins before it does: a signal in between would end us, and leave the file behind.
  const listeners = new Map<NodeJS.Signals, () => void>()
  let send: (signal: NodeJS.Signals) => void = () => {}
  for (const signal of [...ofTerminal, ...always].filter((name) => name in constants.signals)) {
    const isHeard = stdin.isTTY && (ofTerminal as readonly string[]).includes(signal)
    listeners.set(signal, isHeard ? () => {} : () => send(signal))
  }
  for (const [signal, listener] of listeners) process.on(signal, listener)
  try {
    return await new Promise<number>((resolve, reject) => {
      const child = spawn(program, args, { cwd, env: env as NodeJS.ProcessEnv, stdio: 'inherit' })
      send = (signal) => void child.kill(signal)
      child.once('error', (error) => reject(notStarted(program, error)))
      child.once('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)))
    })
  } finally {
    for (const [signal, listener] of listeners) process.off(signal, listener)
  }
}

/** As a shell has it: 127 when there is none, 126 when it may not be run. */
function notStarted(program: string, error: NodeJS.ErrnoException): Failure {
  const isMissing = error.code === 'ENOENT'
  return new Failure(`${program}: ${isMissing ? 'there is no such command' : `cannot be run (${error.code})`}`, {
    exit: isMissing ? exit.notThere : exit.notRunnable,
    code: 'not_started',
    cause: error,
  })
}
