/** The command line: one file a command, loaded when it is called. */
import { CommanderError } from 'commander'
import { complaintOf } from './complaint.ts'
import { misuse } from './failure.ts'
import { type Io, processIo } from './io.ts'
import { createProgram, hint } from './program.ts'
import { coloursFor } from './session.ts'
import { exit } from './terminal.ts'

/** Resolves with the exit code. `argv` as process.argv: the command's words begin at the third. */
export async function run(argv: readonly string[], io: Io = processIo()): Promise<number> {
  const words = helpFirst(argv.slice(2))
  let code: number = exit.done
  const set = (given: number) => {
    code = given
  }
  const asJson = wantsJson(words, io.env)
  const program = createProgram(io, set, asJson)
  try {
    if (wantsTree(words)) {
      const { showTree } = await import('./tree.ts')
      return await showTree(program, words, io)
    }
    await program.parseAsync(words, { from: 'user' })
    return code
  } catch (error) {
    if (!(error instanceof CommanderError)) return complain(io, error, asJson)
    if (error.exitCode === 0) return exit.done
    if (!asJson) return exit.usage
    const [message = '', suggestion = hint] = error.message.replace(/^error: /, '').split('\n')
    return complain(io, misuse(message, suggestion), true)
  }
}

function complain(io: Io, error: unknown, asJson: boolean): number {
  const { line, more, problem, code } = complaintOf(error)
  if (asJson) io.stderr.write(`${JSON.stringify(problem)}\n`)
  else io.stderr.write(`${[`${coloursFor(io).red('countersign:')} ${line}`, ...more].join('\n')}\n`)
  return code
}

/** `countersign help issuer add` is `countersign issuer add --help`. */
const helpFirst = (words: readonly string[]): string[] =>
  words[0] === 'help' ? [...words.slice(1), '--help'] : [...words]

/** Those that are options and names of ours: what stands behind `--` is not. */
function ours(words: readonly string[]): readonly string[] {
  const end = words.indexOf('--')
  return end < 0 ? words : words.slice(0, end)
}

/** Before anything is parsed, since what cannot be parsed is a complaint too. */
function formatIn(words: readonly string[], env: Io['env']): string {
  const own = ours(words)
  if (own.includes('--json')) return 'json'
  const at = own.findLastIndex((word) => /^(?:-o|--output)/.test(word))
  const word = own[at]
  if (word === undefined) return env.COUNTERSIGN_OUTPUT ?? ''
  if (word === '-o' || word === '--output') return own[at + 1] ?? ''
  return word.replace(/^(?:-o|--output)=?/, '')
}

const wantsJson = (words: readonly string[], env: Io['env']) => /^jsonl?$/.test(formatIn(words, env))

/** Help for programs: only when it is asked for in so many words. */
const wantsTree = (words: readonly string[]) =>
  ours(words).some((word) => word === '--help' || word === '-h') && /^(?:json|yaml)$/.test(formatIn(words, {}))
