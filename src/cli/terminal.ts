/**
 * How a command speaks.
 * Rules: data on stdout, everything else on stderr; colour only where somebody looks, and never with NO_COLOR; exit
 * codes 0 done, 1 failed, 2 called wrongly, 5 refused; a command returns its code and never exits by itself.
 */
import pc from 'picocolors'

export const exit = { done: 0, failed: 1, usage: 2, refused: 5 } as const

/** Complaints go to stderr: what counts is who looks there. */
const { red } = pc.createColors(process.stderr.isTTY === true && pc.isColorSupported)

export const terminal = {
  data: (line: string) => void process.stdout.write(`${line}\n`),
  note: (line: string) => void process.stderr.write(`${line}\n`),
  fail: (line: string) => void process.stderr.write(`${red('countersign:')} ${line}\n`),
}
