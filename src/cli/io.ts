/** What the command line reads and writes of the world around it; the only place of this room that reads the environment. */
import { homedir } from 'node:os'
import { text } from 'node:stream/consumers'
import { interrupted } from './failure.ts'

export type Output = { write(text: string): void; isTTY: boolean }
export type Io = {
  stdout: Output
  stderr: Output
  /** `line`: one line that somebody types, after the question on stderr. */
  stdin: { text(): Promise<string>; line(question: string): Promise<string>; isTTY: boolean }
  env: Readonly<Record<string, string | undefined>>
  home: string
  /** Where the names of files begin. */
  cwd: string
  now(): number
}

export function processIo(): Io {
  return {
    stdout: outputOf(process.stdout),
    stderr: outputOf(process.stderr),
    stdin: { text: () => text(process.stdin), line: lineOf, isTTY: process.stdin.isTTY === true },
    env: process.env,
    home: homedir(),
    cwd: process.cwd(),
    now: Date.now,
  }
}

/** Whoever read may have had enough (`countersign team list | head -1`): that is no failure of ours. */
function outputOf(stream: NodeJS.WriteStream): Output {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
  return { write: (text) => void stream.write(text), isTTY: stream.isTTY === true }
}

async function lineOf(question: string): Promise<string> {
  const { createInterface } = await import('node:readline/promises')
  const asking = createInterface({ input: process.stdin, output: process.stderr })
  // Ctrl-C ends the command; the end of the input is an empty answer.
  const ended = new Promise<string>((resolve, reject) => {
    asking.once('SIGINT', () => reject(interrupted()))
    asking.once('close', () => resolve(''))
  })
  try {
    return await Promise.race([asking.question(question), ended])
  } finally {
    asking.close()
  }
}
