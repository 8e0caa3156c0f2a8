/** What a runner and an action say to each other: inputs and state by variables, commands on stdout, values by files. */
import { randomUUID } from 'node:crypto'
import { appendFileSync } from 'node:fs'
import { EOL } from 'node:os'

type Env = Readonly<Record<string, string | undefined>>
export type Runner = {
  /** Trimmed; empty when it was not given. */
  input(name: string): string
  /** What `save` has left, when the job has ended. */
  state(name: string): string
  /** From here on the runner shows *** in its place. */
  mask(secret: string): void
  say(line: string): void
  /** Folded up in the log. */
  group(title: string, lines: readonly string[]): void
  error(title: string, message: string): void
  warning(title: string, message: string): void
  output(name: string, value: string): void
  /** For later steps. */
  variable(name: string, value: string): void
  save(name: string, value: string): void
  /** Markdown. A runner that shows none gets none. */
  summary(markdown: string): void
}

export function createRunner(env: Env, write: (text: string) => void): Runner {
  const command = (name: string, data: string, properties: Record<string, string> = {}) => {
    const given = Object.entries(properties).map(([key, value]) => `${key}=${escapedProperty(value)}`)
    write(`::${name}${given.length > 0 ? ` ${given.join(',')}` : ''}::${escaped(data)}${EOL}`)
  }
  const annotation = (level: string) => (title: string, message: string) => command(level, message, { title })
  const keep = (file: string) => (name: string, value: string) => append(env, file, entry(name, value))
  const say = (line: string) => write(`${plain(line)}${EOL}`)
  return {
    input: (name) => env[`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`]?.trim() ?? '',
    state: (name) => env[`STATE_${name}`] ?? '',
    mask: (secret) => command('add-mask', secret),
    say,
    group(title, lines) {
      command('group', title)
      for (const line of lines) say(line)
      command('endgroup', '')
    },
    error: annotation('error'),
    warning: annotation('warning'),
    output: keep('GITHUB_OUTPUT'),
    variable: keep('GITHUB_ENV'),
    save: keep('GITHUB_STATE'),
    summary(markdown) {
      if (env.GITHUB_STEP_SUMMARY) append(env, 'GITHUB_STEP_SUMMARY', markdown)
    },
  }
}

const escaped = (text: string) => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
const escapedProperty = (text: string) => escaped(text).replaceAll(':', '%3A').replaceAll(',', '%2C')

/** One line that is no command: neither of the new form, before which white space may stand, nor of the old, which may stand anywhere. */
const plain = (line: string) =>
  `  ${line
    .replaceAll(/[\r\n]+/g, ' ')
    .replace(/^\s*::/, ': :')
    .replaceAll('##[', '## [')}`

/** The value may be anything: it ends where a line says what nobody could know before. */
function entry(name: string, value: string): string {
  const end = `end_${randomUUID()}`
  return `${name}<<${end}${EOL}${value}${EOL}${end}${EOL}`
}

function append(env: Env, variable: string, text: string): void {
  const file = env[variable]
  if (!file) throw new Error(`${variable} is not set: an action is run by a runner`)
  appendFileSync(file, text, 'utf8')
}
