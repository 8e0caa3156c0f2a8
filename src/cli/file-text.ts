import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { misuse } from './failure.ts'
import type { Io } from './io.ts'

/** What a file holds, or standard input when it is called `-`. Throws Failure when it cannot be read. */
export async function fileText({ cwd, stdin }: Pick<Io, 'cwd' | 'stdin'>, name: string): Promise<string> {
  if (name === '-') return stdin.text()
  try {
    return readFileSync(resolve(cwd, name), 'utf8')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw misuse(`${name} cannot be read: ${code === 'ENOENT' ? 'there is no such file' : (code ?? message)}`)
  }
}
