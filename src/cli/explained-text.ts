/** What explain answers, for people: a line for each step, and for each test of the policies that come nearest. */
import pc from 'picocolors'
import type { Json, JsonObject } from '../protocol/json.ts'
import { printable } from './cell.ts'
import type { Io } from './io.ts'

type Hint = { kind: string; message: string }
type Step = { step: string; outcome: string; message: string; expected?: Json; received?: Json; hints: Hint[] }
type Test = { claim: string; expected: Json; received: Json; holds: boolean; hints: Hint[] }
type Candidate = {
  service_account: string
  name: string | null
  state: string
  outcome: string
  conditions: Test[]
  hints: Hint[]
}
type Colors = ReturnType<typeof pc.createColors>

/** Candidates that a person reads; a program gets all. */
const mostShown = 5

export function explainedText(answer: JsonObject, { stdout, env }: Pick<Io, 'stdout' | 'env'>): string {
  const colors = pc.createColors(stdout.isTTY && env.NO_COLOR === undefined && env.TERM !== 'dumb')
  const { outcome, reason, grant } = answer as { outcome: string; reason?: string; grant?: JsonObject }
  const steps = answer.steps as unknown as Step[]
  const candidates = answer.candidates as unknown as Candidate[]
  const isGranted = outcome === 'granted'
  const whom = grant
    ? printable(` to ${grant.service_account ?? grant.user}: ${grant.scope}, for ${grant.expires_in} s`)
    : ''
  const first = isGranted ? colors.green(`✓ granted${whom}`) : colors.red(`✗ refused: ${printable(String(reason))}`)
  const more = candidates.length - mostShown
  return [
    first,
    ...steps.flatMap((step) => stepLines(step, colors)),
    ...candidates.slice(0, mostShown).flatMap((candidate) => ['', ...candidateLines(candidate, colors)]),
    ...(more > 0 ? ['', `and ${more} more policies of this issuer: -o json shows up to 50`] : []),
  ].join('\n')
}

const width = 11

function stepLines({ step, outcome, message, expected, received, hints }: Step, colors: Colors): string[] {
  const mark = { ok: colors.green('✓'), failed: colors.red('✗'), skipped: '-' }[outcome] ?? ' '
  const line = `  ${printable(step).padEnd(width)}${mark} ${outcome === 'skipped' ? colors.dim(printable(message)) : printable(message)}`
  if (outcome !== 'failed') return [line.trimEnd(), ...hintLines(hints, colors)]
  return [
    line,
    ...(received === undefined ? [] : [below(`got       ${shown(received)}`)]),
    ...(expected === undefined ? [] : [below(`expected  ${shown(expected)}`)]),
    ...hintLines(hints, colors),
  ]
}

function candidateLines(
  { service_account, name, state, outcome, conditions, hints }: Candidate,
  colors: Colors,
): string[] {
  const mark = outcome === 'refused' ? colors.red('✗') : outcome === 'granted' ? colors.green('✓') : colors.yellow('✓')
  const policy = name === null ? 'the policy to try' : name
  const widest = Math.max(...conditions.map(({ claim }) => claim.length)) + 2
  return [
    `${mark} ${printable(service_account)}  ${printable(policy)}${state === 'live' ? '' : `  (${printable(state)})`}`,
    ...hintLines(hints, colors),
    ...conditions.flatMap(({ claim, expected, received, holds, hints: own }) => {
      const says = holds ? shown(claim === 'cel' ? expected : received) : differing(received, expected)
      const line = `  ${printable(claim).padEnd(widest)}${holds ? colors.green('✓') : colors.red('✗')} ${says}`
      return [line, ...hintLines(own, colors)]
    }),
  ]
}

const below = (text: string) => `${' '.repeat(width + 4)}${text}`
const hintLines = (hints: readonly Hint[], { yellow }: Colors) =>
  hints.map(({ message }) => below(`${yellow('→')} ${printable(message)}`))

/** What would read the same is told apart as JSON has it. */
function differing(received: Json, expected: Json): string {
  const [got, wanted] = [shown(received), shown(expected)]
  const [left, right] = got === wanted ? [JSON.stringify(received), JSON.stringify(expected)] : [got, wanted]
  return `${received === null ? 'missing' : `got ${printable(left)}`}, expected ${printable(right)}`
}

/** A text as it stands, unless white space at its ends would not be seen. */
function shown(value: Json): string {
  if (typeof value !== 'string') return printable(JSON.stringify(value))
  return value !== value.trim() || value === '' ? printable(JSON.stringify(value)) : printable(value)
}
