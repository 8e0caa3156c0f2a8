/** A program that is not ours, to its end. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'

export type Ran = { code: number | null; stdout: string; stderr: string }
/** `seconds`: after which it is ended. */
export type RunOptions = { env?: NodeJS.ProcessEnv; cwd?: string; seconds?: number }

/** Throws what spawn does: ENOENT when there is no such program. */
export async function runProgram(
  program: string,
  args: readonly string[],
  { env = process.env, cwd, seconds = 60 }: RunOptions = {},
): Promise<Ran> {
  const child = spawn(program, args, {
    env,
    ...(cwd === undefined ? {} : { cwd }),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: seconds * 1000,
  })
  // It outlives no run of the tests.
  const end = () => child.kill('SIGKILL')
  process.once('exit', end)
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text
  })
  try {
    await once(child, 'close')
  } finally {
    process.off('exit', end)
  }
  return { code: child.exitCode, stdout, stderr }
}
