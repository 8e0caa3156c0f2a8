/**
 * Makes an organization what its file says: planned anew in the transaction, then done by the same deeds as by hand, each
 * on record as by hand, and one event for all of it. Whatever is refused takes everything back.
 */
import { createHash } from 'node:crypto'
import type { Json, JsonObject } from '../../protocol/json.ts'
import { createJudge } from '../admin/judging.ts'
import { type IfMatch, refuseUnmatched } from '../admin/noun.ts'
import type { Work } from '../admin/perform.ts'
import { canonical } from '../audit/canonical.ts'
import { Refusal } from '../errors/refusal.ts'
import { createDeeds } from './deeds.ts'
import type { OrganizationDocument } from './document.ts'
import type { Fault } from './fault.ts'
import { type FileFinding, findingsOf, refusedBy } from './findings.ts'
import { foreignClashes, type Outside } from './foreign.ts'
import { placeInFile } from './members.ts'
import { type Change, type Plan, type PlanAsk, planOf, summaryOf } from './plan.ts'
import { readRows, stateTag } from './rows.ts'

export type Applied = { plan: Plan; state: string; findings: readonly FileFinding[] }
type ApplyAsk = PlanAsk & { ifMatch?: IfMatch | undefined }

/** All that can be told before anything is done. */
export async function planWith(
  stores: Work['stores'],
  document: OrganizationDocument,
  outside: Outside,
  ask: PlanAsk,
): Promise<Applied> {
  const rows = await readRows(stores, outside.org.id)
  const plan = planOf(rows, document, outside, ask)
  const judge = createJudge({ ...outside, publicUrl: () => outside.publicUrl })
  const findings = await findingsOf(plan, judge, outside.org)
  const faults = [
    ...tooMany(plan, ask),
    ...plan.faults,
    ...(await foreignClashes(stores, plan, outside)),
    ...refusedBy(plan, findings),
  ]
  return { plan: { ...plan, faults }, state: stateTag(outside.org.id, rows), findings }
}

/** All is done in one go, which others wait for. */
function tooMany({ steps }: Plan, { mostChanges }: PlanAsk): Fault[] {
  if (steps.length <= mostChanges) return []
  const [count, most] = [steps.length, mostChanges].map((number) => number.toLocaleString('en'))
  const message = `${count} changes at once, and ${most} are allowed (LIMIT_CHANGES_PER_APPLY): apply it in parts, or have that raised`
  return [{ path: [], message }]
}

/** Throws Refusal('precondition_failed') in a changed world, and Refusal('body_invalid') naming all that cannot be. */
export async function applyFile(
  work: Work,
  document: OrganizationDocument,
  outside: Outside,
  ask: ApplyAsk,
): Promise<Applied> {
  const { org } = outside
  const { plan, state, findings } = await planWith(work.stores, document, outside, ask)
  refuseUnmatched(ask.ifMatch, state)
  refuseFaults(plan.faults, findings)
  if (plan.steps.length === 0) return { plan, state, findings }
  const deeds = await createDeeds(work, outside, ask.source)
  for (const step of plan.steps) await told(step.change, () => deeds(step))
  await work.record('organization.apply', { org }, { type: 'organization', id: org.id, name: org.name }, {
    source: ask.source,
    prune: ask.prune,
    digest: createHash('sha256')
      .update(canonical(document as unknown as Json))
      .digest('hex'),
    ...summaryOf(plan),
  } satisfies JsonObject)
  return { plan, state: stateTag(org.id, await readRows(work.stores, org.id)), findings }
}

/** Throws Refusal('body_invalid'), or Refusal('lint_refused') when lint alone has something against it. */
export function refuseFaults(faults: readonly Fault[], findings: readonly FileFinding[] = []): void {
  if (faults.length === 0) return
  const errors = faults.map(({ path, ...fault }) => ({ ...fault, path: pathInBody(path) }))
  const isLint = faults.every(({ message }) => /^LR\d+: /.test(message))
  if (!isLint) throw new Refusal('body_invalid', { errors })
  const refusing = findings.filter(({ severity }) => severity === 'error')
  throw new Refusal('lint_refused', { errors, findings: refusing as readonly JsonObject[] })
}

export const pathInBody = (path: Fault['path']) => ['document', ...path].join('.')

/** A refusal says of what it is. */
async function told(change: Change, deed: () => Promise<unknown>): Promise<void> {
  try {
    await deed()
  } catch (error) {
    if (!(error instanceof Refusal) || error.reason === 'storage_unavailable') throw error
    const place = placeInFile(change.path)
    const inner = error.errors ?? [{ path: '', message: error.says }]
    const errors = inner.map(({ path, ...fault }) => ({
      ...fault,
      path: pathInBody([...place, ...(path === '' ? [] : path.split('.'))]),
    }))
    throw new Refusal(error.reason, {
      says: `${change.path}: ${error.says}`,
      errors,
      detail: error.detail,
      cause: error,
    })
  }
}
