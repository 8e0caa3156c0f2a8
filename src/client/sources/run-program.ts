import { SubjectTokenError } from '../federation-error.ts'
import type { Surroundings } from '../surroundings.ts'

type Failure = { code?: unknown; stderr?: unknown }

/** What a platform's own program prints; undefined when there is none. Throws SubjectTokenError, or the reason of the signal. */
export async function runProgram(
  source: string,
  { run }: Pick<Surroundings, 'run'>,
  [program, ...args]: readonly [string, ...string[]],
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    return await run(program, args, signal)
  } catch (error) {
    signal.throwIfAborted()
    const { code, stderr } = error as Failure
    if (code === 'ENOENT') return undefined
    const said = typeof stderr === 'string' ? lastLineOf(stderr) : ''
    // No retry: the programs have their own, and the error itself holds all that was printed.
    throw new SubjectTokenError(source, `${program} failed${said && `: ${said}`}`, { code: 'program_failed' })
  }
}

/** Without colours, and without whatever is long enough to be a secret. */
function lastLineOf(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what colours begin with
  const lines = text.replace(/\u001b\[[\d;]*m/g, '').split(/[\r\n]+/)
  const last = lines.findLast((line) => line.trim() !== '') ?? ''
  const masked = last.replace(/[\w+/=-]{24,}(\.[\w-]+)*/g, '…').replace(/[^\x20-\x7e…]/g, '')
  return masked.trim().slice(0, 200)
}
