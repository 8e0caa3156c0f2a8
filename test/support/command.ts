/** `countersign …` as a user types it: a process of its own, and what it said. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { bareEnv, root } from './server.ts'

export type Said = { code: number | null; stdout: string; stderr: string }

/** `watch` is called with all that stands on stdout, whenever there is more. `at`: the folder that has bin/. */
export async function countersign(
  args: readonly string[],
  env: Record<string, string> = {},
  watch: (child: ChildProcess, stdout: string) => void = () => {},
  at = root,
): Promise<Said> {
  const child = spawn(process.execPath, [join(at, 'bin/countersign.js'), ...args], {
    env: { ...bareEnv, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said: Said = { code: null, stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    said.stdout += chunk
    watch(child, said.stdout)
  })
  child.stderr.setEncoding('utf8').on('data', (chunk) => {
    said.stderr += chunk
  })
  await once(child, 'close')
  return { ...said, code: child.exitCode }
}
