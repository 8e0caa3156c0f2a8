/** A script of a CI piece, in a shell on a bare environment; programs that it calls may be replaced. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { Said } from './command.ts'
import { leaks } from './leaks.ts'
import { findProgram } from './program.ts'
import { bareEnv } from './server.ts'

type Env = Readonly<Record<string, string>>
export type Workplace = Awaited<ReturnType<typeof createWorkplace>>
type Ask = { shell?: readonly string[]; env?: Env; input?: string }

/**
 * A folder with programs of its own before those of the machine. curl is the real one; what it was called with is
 * written down, since every process list shows it.
 */
export async function createWorkplace() {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-'))
  const bin = join(folder, 'bin')
  const calls = join(folder, 'curl-calls')
  for (const made of [bin, join(folder, 'work'), join(folder, 'tmp')]) mkdirSync(made)
  writeFileSync(calls, '')
  const program = (name: string, text: string) => writeFileSync(join(bin, name), text, { mode: 0o755 })
  const curl = await findProgram('curl')
  program('curl', `#!/bin/sh\nprintf '%s\\n' "$@" >>'${calls}'\nexec '${curl}' "$@"\n`)

  return {
    folder: join(folder, 'work'),
    temporary: join(folder, 'tmp'),
    /** In the language that its first line names. */
    program,
    curlCalls: () => readFileSync(calls, 'utf8'),
    /** What it says must hold no secret; neither may what curl was called with. */
    async run(script: string, { shell = ['sh', '-e'], env = {}, input }: Ask = {}): Promise<Said> {
      const [name = 'sh', ...options] = shell
      const child = spawn(name, [...options, '-c', script], {
        cwd: join(folder, 'work'),
        env: {
          ...bareEnv,
          PATH: `${bin}${delimiter}${bareEnv.PATH}`,
          HOME: join(folder, 'work'),
          TMPDIR: join(folder, 'tmp'),
          ...env,
        },
        // The pipes of Node.js are sockets: bash, which takes that for a login from afar, would not read BASH_ENV.
        stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      })
      const said: Said = { code: null, stdout: '', stderr: '' }
      child.stdout?.setEncoding('utf8').on('data', (text) => {
        said.stdout += text
      })
      child.stderr?.setEncoding('utf8').on('data', (text) => {
        said.stderr += text
      })
      // A script that reads nothing may have ended before it could be told.
      child.stdin?.on('error', () => {}).end(input)
      await once(child, 'close')
      leaks.refuse('what a script says', said.stdout, said.stderr)
      leaks.refuse('the arguments of curl', readFileSync(calls))
      return { ...said, code: child.exitCode }
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  }
}
