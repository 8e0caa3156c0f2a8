/** A file that is kept by hand, as it is read here: whatever is wrong with it is said with its line. */
import { readFileSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import type { Json } from '../../protocol/json.ts'
import type { OrganizationDocument } from '../../server/files/document.ts'
import { type Fault, pathText } from '../../server/files/fault.ts'
import { judgeDocument } from '../../server/files/judge-document.ts'
import { type ReadYaml, readYaml } from '../../server/files/read.ts'
import { printable } from '../cell.ts'
import { Failure, misuse } from '../failure.ts'
import type { Session } from '../session.ts'
import { exit } from '../terminal.ts'

export type OrganizationSource = {
  file: string
  /** As it was written, for the service. */
  written: Json
  document: OrganizationDocument
  locate: Extract<ReadYaml, { ok: true }>['locate']
}

/** `-`: standard input. Throws Failure for a file that is not there, or is no text. */
export async function textOf(session: Session, file: string): Promise<string> {
  if (file === '-') return session.io.stdin.text()
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(resolve(session.io.cwd, file)))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw misuse(
      `${file}: ${code === 'ENOENT' ? 'there is no such file' : code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'is not UTF-8' : code}`,
    )
  }
}

/** Throws Failure with every fault, each on a line of its own. */
export async function readOrganization(session: Session, file: string): Promise<OrganizationSource> {
  const read = readYaml(await textOf(session, file))
  if (!read.ok) throw faulty(session, file, read.faults)
  const judged = await judgeDocument(read.value)
  if (!judged.ok) throw faulty(session, file, located(read, judged.faults))
  return { file, written: read.value as Json, document: judged.document, locate: read.locate }
}

/** A place within an expression becomes one within the file. */
export const located = ({ locate }: Pick<OrganizationSource, 'locate'>, faults: readonly Fault[]): Fault[] =>
  faults.map(({ path, message, line, column }) => {
    const within = line === undefined || column === undefined ? undefined : { line, column }
    return { path, message, ...locate(path, within) }
  })

export function faulty(session: Session, file: string, faults: readonly Fault[]): Failure {
  for (const { path, message, line, column, caret = '' } of faults) {
    const what = path.length === 0 ? message : `${pathText(path)}: ${message}`
    session.note(printable(`${file}:${line}:${column}: ${what}`))
    for (const text of caret.split('\n')) session.note(`    ${printable(text)}`)
  }
  const errors = faults.map((fault) => ({ ...fault, path: pathText(fault.path) }))
  const problem = session.isForPrograms ? { errors: errors as unknown as Json } : {}
  const many = faults.length === 1 ? '1 fault' : `${faults.length} faults`
  // A file that could be, and that lint alone is against, is refused, as by hand.
  const isRefused = faults.every(({ message }) => /^LR\d+: /.test(message))
  const how = isRefused ? { exit: exit.refused, code: 'lint_refused' } : { exit: exit.usage, code: 'file_invalid' }
  return new Failure(`${file}: ${many}`, { ...how, problem })
}

/** What the service says of paths in the body, at the lines of the file. */
export function mapped(session: Session, source: OrganizationSource, error: unknown): unknown {
  if (!(error instanceof Failure) || !Array.isArray(error.problem.errors)) return error
  const faults = (error.problem.errors as { path: string; message: string }[]).map(({ path, message }) => {
    const steps = path.split('.')
    return { path: steps[0] === 'document' ? steps.slice(1) : steps, message }
  })
  const shown = faulty(session, source.file, located(source, faults))
  return new Failure(shown.message, { ...error, exit: error.exit, problem: session.isForPrograms ? error.problem : {} })
}

/** Where the file says that it is kept, without a folder of this machine. */
export const sourceOf = ({ io }: Session, file: string, given: string | undefined): string =>
  given || io.env.COUNTERSIGN_FILE_SOURCE || (file === '-' ? 'standard input' : basename(file))
