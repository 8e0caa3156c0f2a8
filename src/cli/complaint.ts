/** What ends a command, as the lines that its reader needs, or one object for programs, and the exit code. */
import type { JsonObject } from '../protocol/json.ts'
import { withoutSecrets } from '../protocol/secret-text.ts'
import { printable } from './cell.ts'
import { categoryOf, Failure } from './failure.ts'
import { findingsText } from './findings-text.ts'
import { failureOfExchange, isFederationError } from './job/refused-exchange.ts'
import { type Exit, exit } from './terminal.ts'

/** `more`: what stands below the first line. */
export type Complaint = { line: string; more: string[]; problem: JsonObject; code: Exit }

export function complaintOf(error: unknown): Complaint {
  const failure = failureIn(error)
  const { exit: code, hint, problem, message, code: name } = failure
  const errors = (problem.errors ?? []) as unknown as FieldError[]
  const line = withoutSecrets(printable(message))
  return {
    line,
    code,
    more: [
      ...errors.flatMap(fieldError),
      ...findingsText(problem.findings).map((text) => `  ${text}`),
      ...(hint === undefined ? [] : [`  hint: ${printable(withoutSecrets(hint))}`]),
      ...(problem.docs === undefined ? [] : [`  docs: ${printable(String(problem.docs))}`]),
      ...(problem.request_id === undefined ? [] : [`  request: ${printable(`${problem.request_id} (${name})`)}`]),
    ],
    problem: {
      ...problem,
      detail: line,
      code: name,
      category: categoryOf(code),
      exit: code,
      ...(hint === undefined ? {} : { hint }),
    },
  }
}

type FieldError = { path: string; message: string; line?: number; column?: number; caret?: string }

/** `caret`: the line that the fault is in, and a mark below the place. */
function fieldError({ path, message, line, column, caret }: FieldError): string[] {
  const place = line === undefined ? '' : ` (line ${line}, column ${column})`
  const marked = (caret?.split('\n') ?? []).map((text) => `      ${printable(text)}`)
  return [`  ${printable(String(path || 'body'))}: ${printable(String(message))}${place}`, ...marked]
}

function failureIn(error: unknown): Failure {
  if (error instanceof Failure) return error
  return isFederationError(error) ? failureOfExchange(error) : localFailure(error)
}

/** Known by name, to load nothing for it. */
function localFailure(error: unknown): Failure {
  if (!(error instanceof Error)) return new Failure(String(error), { exit: exit.failed, code: 'failed' })
  const code = error.name === 'SettingError' ? exit.usage : exit.failed
  return new Failure(lineOf(error), { exit: code, code: code === exit.usage ? 'setting' : 'failed' })
}

function lineOf({ code, message, name, reason, cause }: Error & { code?: string; reason?: string }): string {
  if (code === 'EADDRINUSE') return `PORT: something else listens there already (${message})`
  if (code === 'ENOTFOUND' || code === 'EADDRNOTAVAIL') return `HOST: this machine has no such address (${message})`
  if (reason === 'storage_unavailable')
    return `DATA_DIR or DATABASE_URL: the database cannot be opened (${cause instanceof Error ? cause.message : message})`
  if (name === 'AlreadyServed') return `DATA_DIR or DATABASE_URL: ${message}`
  if (name === 'MetricsPortTaken') return `METRICS_PORT: ${message}`
  if (name === 'SealError')
    return `MASTER_KEY: ${message}; give the key that it was sealed with, or as MASTER_KEY_PREVIOUS`
  return message
}
