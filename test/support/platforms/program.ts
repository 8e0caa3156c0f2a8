/**
 * A program on the PATH, for a stand-in of a platform: a script that hands its arguments to the test and does what that says.
 */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { json, startLoopback } from './loopback.ts'

export type Said = { stdout?: string; stderr?: string; code?: number }
export type Program = {
  /** With the program's folder first. */
  PATH: string
  calls: (readonly string[])[]
  close(): Promise<void>
}

/** `answer`: null never ends. */
export async function startProgram(name: string, answer: (args: readonly string[]) => Said | null): Promise<Program> {
  const calls: (readonly string[])[] = []
  const server = await startLoopback(({ body }) => {
    const args = JSON.parse(body) as string[]
    calls.push(args)
    const said = answer(args)
    return said && json(said)
  })
  const folder = mkdtempSync(join(tmpdir(), 'countersign-program-'))
  const file = join(folder, name)
  writeFileSync(
    file,
    `#!${process.execPath}
fetch('${server.origin}', { method: 'POST', body: JSON.stringify(process.argv.slice(2)) })
  .then((answer) => answer.json())
  .then(({ stdout = '', stderr = '', code = 0 }) => {
    process.stdout.write(stdout)
    process.stderr.write(stderr)
    process.exitCode = code
  })
`,
  )
  chmodSync(file, 0o755)
  return {
    PATH: [folder, process.env.PATH].join(delimiter),
    calls,
    async close() {
      rmSync(folder, { recursive: true })
      await server.close()
    },
  }
}

/** Flags that take a value, in any order, as `--flag value` or `--flag=value`; undefined where there is anything else. */
export function flagsOf(args: readonly string[], known: readonly string[]): Map<string, string[]> | undefined {
  const flags = new Map<string, string[]>()
  for (let i = 0; i < args.length; i++) {
    const [flag, glued] = (args[i] as string).split(/=(.*)/s) as [string, string | undefined]
    const value = glued ?? args[++i]
    if (!known.includes(flag) || value === undefined) return undefined
    flags.set(flag, [...(flags.get(flag) ?? []), value])
  }
  return flags
}
