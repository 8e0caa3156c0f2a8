/**
 * What has to be done for an organization to become what its file says. Pure. What the file does not name is left alone,
 * and deleted only where that is asked for; of what it names, an absent member means its default. Objects are known by
 * their names: a new name is a new object.
 */
import type { Json, JsonObject } from '../../protocol/json.ts'
import { clashesIn } from './clashes.ts'
import type { OrganizationDocument } from './document.ts'
import { endsTokens } from './endings.ts'
import type { Fault } from './fault.ts'
import { inTurns } from './issuer-turns.ts'
import {
  isSame,
  type Kind,
  placeInFile,
  type Surroundings,
  sorted,
  type There,
  thereIn,
  type Wanted,
  wantedIn,
} from './members.ts'
import type { Rows } from './rows.ts'

/** `before`, `after`: the members that differ; of what is made or deleted, all. */
export type Change = {
  action: 'create' | 'update' | 'delete'
  kind: Kind
  path: string
  before?: JsonObject
  after?: JsonObject
  /** It was nobody's, and is the file's from then on. */
  adopted?: true
  /** Tokens that it gave out die with it. */
  ends_tokens?: true
  notes?: readonly string[]
}
export type Step = { change: Change; wanted?: Wanted; there?: There }
/** `unchanged`: of what the file names. */
export type Plan = {
  steps: readonly Step[]
  unchanged: number
  faults: readonly Fault[]
  /** By path, as the file wants them, and as they are; `goes`: paths that are pruned. */
  wanted: ReadonlyMap<string, Wanted>
  there: ReadonlyMap<string, There>
  goes: ReadonlySet<string>
}

export type PlanAsk = {
  prune: boolean
  /** Where the file is kept: what its objects are then managed by. */
  source: string
  /** That one apply makes. */
  mostChanges: number
  /** Of whoever applies it. */
  actorId?: string | undefined
}

/** By kind: what an object keeps for life. */
const fixed: Partial<Record<Kind, readonly string[]>> = {
  issuer: ['issuer'],
  service_account: ['method', 'admin'],
  resource_server: ['audience'],
}

export function planOf(rows: Rows, document: OrganizationDocument, around: Surroundings, ask: PlanAsk): Plan {
  const wanted = wantedIn(document, around)
  const there = thereIn(rows)
  const faults: Fault[] = []
  const fault = (path: readonly string[], message: string) => void faults.push({ path, message })
  if (document.organization !== around.org.name)
    fault(['organization'], `the file is of ${document.organization}, and this is ${around.org.name}`)

  const gone = ask.prune ? [...there.values()].filter(({ path }) => !wanted.has(path)) : []
  const goes = new Set(gone.map(({ path }) => path))
  const steps: Step[] = gone.map((one) => deletion(one))
  let unchanged = 0
  for (const one of wanted.values()) {
    const now = there.get(one.path)
    // Its issuer takes it along: it is made anew at another.
    const isTaken = now?.kind === 'trust_policy' && goes.has(`issuers/${now.members.issuer}`)
    if (!now || isTaken) {
      if (now) steps.push(deletion(now, 'its issuer goes, and it is made anew at another'))
      steps.push(creation(one))
      continue
    }
    for (const member of fixed[one.kind] ?? [])
      if (!isSame(now.members[member], one.members[member]))
        fault(
          [...placeInFile(one.path), member],
          `stays ${JSON.stringify(now.members[member] ?? null)} for life: give what is new another name`,
        )
    const step = alteration(now, one, ask.source)
    if (step) steps.push(step)
    else unchanged++
  }
  const byMembers = new Map(gone.map((one) => [withoutName(one), one]))
  for (const step of steps) noteRename(step, byMembers)
  faults.push(...clashesIn({ rows, wanted, there, goes, steps, ask }))
  const turns = inTurns(steps.sort((a, b) => phaseOf(a) - phaseOf(b)))
  return { steps: turns.steps, unchanged, faults: [...faults, ...turns.faults], wanted, there, goes }
}

function deletion(there: There, ...notes: string[]): Step {
  const { kind, path, members } = there
  if (there.managedBy === null) notes.push('was never in a file')
  return { there, change: shaped({ action: 'delete', kind, path, before: members }, endsTokens(there), notes) }
}

function creation(wanted: Wanted): Step {
  const { kind, path, members } = wanted
  const needsKey = kind === 'resource_server' || (kind === 'service_account' && members.method === 'api_key')
  const notes = needsKey ? ['gets no API key by file: make one with countersign key create'] : []
  return { wanted, change: shaped({ action: 'create', kind, path, after: members }, false, notes) }
}

function alteration(there: There, wanted: Wanted, source: string): Step | undefined {
  const names = Object.keys(wanted.members).filter((name) => !isSame(there.members[name], wanted.members[name]))
  const moves = placeOf(there.managedBy) !== placeOf(source)
  if (names.length === 0 && !moves) return undefined
  const pick = (from: JsonObject, managedBy: string | null): JsonObject =>
    Object.fromEntries([
      ...names.map((name): [string, Json] => [name, from[name] ?? null]),
      ...(there.managedBy === source ? [] : [['managed_by', managedBy] as [string, Json]]),
    ])
  const change: Change = {
    action: 'update',
    kind: wanted.kind,
    path: wanted.path,
    before: pick(there.members, there.managedBy),
    after: pick(wanted.members, source),
    ...(there.managedBy === null ? { adopted: true } : {}),
  }
  const notes = moves && there.managedBy !== null ? [`was managed by ${there.managedBy}`] : []
  return { there, wanted, change: shaped(change, endsTokens(there, wanted), notes) }
}

/** Without the revision, `…@COMMIT`: of what did not change, the one that changed it last stays. */
const placeOf = (source: string | null) => source?.replace(/@[^@/]*$/, '')

function shaped(change: Change, ends: boolean, notes: readonly string[]): Change {
  return { ...change, ...(ends ? { ends_tokens: true as const } : {}), ...(notes.length > 0 ? { notes } : {}) }
}

/** Somebody may have thought of a rename. `gone`: by what they were, but for their names. */
function noteRename({ change, wanted }: Step, gone: ReadonlyMap<string, There>): void {
  const before = change.action === 'create' && wanted && gone.get(withoutName(wanted))
  if (!before) return
  const note = `a new name is a new object: ${before.name} and what it gave out go`
  change.notes = [...(change.notes ?? []), note]
}

const withoutName = ({ kind, under = '', members }: Wanted) => `${kind} ${under} ${sorted(members)}`

/** Whether an account may write from then on, so that all its policies are judged anew (admin/accounts.ts). */
export const widens = ({ change: { kind, before, after }, wanted }: Step): boolean =>
  kind === 'service_account' &&
  before?.access === 'read' &&
  after?.access === 'write' &&
  wanted?.members.method === 'federated'

/**
 * What has to go first makes room for what comes; a team goes last, when nobody has it as default any more. What may
 * write is judged with its policies as they will be.
 */
function phaseOf(step: Step): number {
  const { action, kind } = step.change
  const order: readonly Kind[] = ['team', 'issuer', 'project', 'service_account', 'trust_policy', 'resource_server']
  const at = order.indexOf(kind)
  if (action !== 'delete') return widens(step) ? 150 : 100 + at
  return kind === 'team' ? 200 : 99 - at
}

/** As the API shows it. */
export const summaryOf = ({ steps, unchanged }: Pick<Plan, 'steps' | 'unchanged'>) => {
  const count = (action: Change['action']) => steps.filter(({ change }) => change.action === action).length
  return { created: count('create'), updated: count('update'), deleted: count('delete'), unchanged }
}
