/**
 * How a command speaks.
 * Rules: data on stdout, everything else on stderr; colour only where somebody looks, and never with NO_COLOR; nobody is
 * asked anything where nobody sits; secrets come by standard input or a file, never as an argument, which every process
 * list shows; a command returns its exit code, or throws a Failure, and never exits by itself.
 */
import pc from 'picocolors'

/** What a script may go by. 7 may succeed when it is tried again; the others will not. */
export const exit = {
  done: 0,
  failed: 1,
  /** Called wrongly: an unknown command or option, an argument or a file that cannot be. */
  usage: 2,
  notFound: 3,
  unauthenticated: 4,
  /** Refused by an issuer, a policy, a rule or a right. */
  refused: 5,
  /** Taken, changed meanwhile, in use, or managed by files. */
  conflict: 6,
  unavailable: 7,
  /** Asked by `--exit-code`: changes are pending, or a policy test would deny. */
  pending: 8,
  /** Of a command that `run` was to start: it may not be run, or is not there. */
  notRunnable: 126,
  notThere: 127,
  interrupted: 130,
} as const
export type Exit = (typeof exit)[keyof typeof exit]

/** Complaints go to stderr: what counts is who looks there. */
const { red } = pc.createColors(process.stderr.isTTY === true && pc.isColorSupported)

/** For the commands that work on this machine alone; the others have a Session. */
export const terminal = {
  data: (line: string) => void process.stdout.write(`${line}\n`),
  note: (line: string) => void process.stderr.write(`${line}\n`),
  fail: (line: string) => void process.stderr.write(`${red('countersign:')} ${line}\n`),
}
