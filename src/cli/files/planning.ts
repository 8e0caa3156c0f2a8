import type { Json, JsonObject } from '../../protocol/json.ts'
import { largestFile } from '../../server/files/read.ts'
import { misuse } from '../failure.ts'
import { findingsText } from '../findings-text.ts'
import { at, type Session } from '../session.ts'
import { type Change, planText, type Summary, summaryText } from './plan-text.ts'
import { faulty, located, mapped, type OrganizationSource, readOrganization, sourceOf } from './read-file.ts'
import { replayText } from './replay-text.ts'

export type FileOptions = { prune?: boolean; source?: string; exitCode?: boolean; days?: number }
export type Planned = {
  source: OrganizationSource
  /** What the service is asked. */
  body: JsonObject
  path: string
  plan: JsonObject & { state: string }
  changes: readonly Change[]
}

/** Asks the service what would change. Throws Failure. */
export async function planned(session: Session, file: string, options: FileOptions): Promise<Planned> {
  const source = await readOrganization(session, file)
  const { organization } = source.document
  const { org } = session.options
  if (org !== undefined && org !== organization) throw misuse(`${file} is of ${organization}, and --org says ${org}`)
  const path = at('orgs', organization)
  const body = {
    document: source.written,
    prune: options.prune === true,
    source: sourceOf(session, file, options.source),
  }
  // A little is said around it.
  if (Buffer.byteLength(JSON.stringify(body)) > largestFile)
    throw misuse(`${file}: is larger than the service takes (${largestFile} bytes as JSON)`)
  try {
    const days = options.days === undefined ? {} : { days: options.days }
    const plan = await session.client().call('POST', `${path}/plan`, { body: { ...body, ...days } })
    return { source, body, path, plan: plan as Planned['plan'], changes: plan.changes as unknown as Change[] }
  } catch (error) {
    throw mapped(session, source, error)
  }
}

/** For people on stdout, or the whole answer. Throws Failure when it cannot be applied. */
export async function showPlan(session: Session, { plan, changes, source }: Planned): Promise<void> {
  if (session.isForPrograms) await session.show(plan)
  else {
    if (changes.length > 0) session.data(`${planText(changes, source.written)}\n`)
    for (const line of findingsText(withPaths(plan.findings))) session.data(line)
    for (const line of replayText(plan.replay as JsonObject | null)) session.data(line)
    session.data(summaryText(plan.summary as unknown as Summary))
  }
  const faults = (plan.faults ?? []) as unknown as { path: string; message: string }[]
  if (faults.length === 0) return
  const inFile = faults.map(({ path, message }) => ({ path: path.split('.').slice(1), message }))
  throw faulty(session, source.file, located(source, inFile))
}

const withPaths = (findings: Json | undefined): Json[] =>
  Array.isArray(findings)
    ? findings.map((finding) => ({ ...finding, message: `${finding.path}: ${finding.message}` }) as unknown as Json)
    : []
