/** What of a plan cannot be done, as far as the organization's own objects tell. All of it is found, not the first alone. */
import type { Fault } from './fault.ts'
import { placeInFile, type There, type Wanted } from './members.ts'
import type { PlanAsk, Step } from './plan.ts'
import type { Rows } from './rows.ts'

type Scene = {
  rows: Rows
  wanted: ReadonlyMap<string, Wanted>
  there: ReadonlyMap<string, There>
  /** Paths that are pruned. */
  goes: ReadonlySet<string>
  steps: readonly Step[]
  ask: PlanAsk
}

export function clashesIn(scene: Scene): Fault[] {
  return [...namesNobodyHas(scene), ...takenTwice(scene), ...keptNames(scene), ...cannotGo(scene)]
}

const faultAt = (path: string, message: string, ...member: string[]): Fault => ({
  path: [...placeInFile(path), ...member],
  message,
})

function* namesNobodyHas({ wanted, there, goes }: Scene): Iterable<Fault> {
  const isThere = (path: string) => wanted.has(path) || (there.has(path) && !goes.has(path))
  for (const { kind, path, members } of wanted.values()) {
    const { issuer, default_team } = members
    if (kind === 'trust_policy' && !isThere(`issuers/${issuer}`))
      yield faultAt(
        path,
        `the organization has no issuer ${issuer}${goes.has(`issuers/${issuer}`) ? ' when it is pruned' : ''}`,
        'issuer',
      )
    if (default_team !== undefined && !isThere(`teams/${default_team}`))
      yield faultAt(
        path,
        `the organization has no team ${default_team}${goes.has(`teams/${default_team}`) ? ' when it is pruned' : ''}`,
        'default_team',
      )
  }
}

/** An audience of resource servers, and a pair of issuer and audience, belongs to one. */
function* takenTwice({ wanted, there, goes }: Scene): Iterable<Fault> {
  const stays = [...there.values()].filter(({ path }) => !goes.has(path) && !wanted.has(path))
  const servers = new Map<string, string>()
  const pairs = new Map<string, string>()
  for (const { kind, path, members } of [...stays, ...wanted.values()]) {
    if (kind === 'resource_server') {
      const audience = String(members.audience)
      const other = servers.get(audience)
      if (other) yield faultAt(path, `the audience is that of ${other}, too`, 'audience')
      servers.set(audience, path)
    }
    if (kind !== 'issuer') continue
    for (const audience of members.audiences as readonly string[]) {
      const pair = JSON.stringify([members.issuer, audience])
      const other = pairs.get(pair)
      if (other) yield faultAt(path, `${other} has this issuer URL with the audience ${audience}, too`, 'audiences')
      pairs.set(pair, path)
    }
  }
}

/** Deleting never opens (admin/projects.ts). */
function* keptNames({ rows, steps, there, goes }: Scene): Iterable<Fault> {
  const paths = new Map([...there.values()].map(({ id, path }) => [id, path]))
  const gone = rows.projects.filter(({ deletedAt }) => deletedAt !== null)
  const kept = new Set(gone.map(({ teamId, name }) => `${paths.get(teamId)}/projects/${name}`))
  for (const { change, wanted } of steps)
    if (
      change.kind === 'project' &&
      change.action === 'create' &&
      kept.has(change.path) &&
      wanted?.members.visibility !== 'restricted'
    )
      yield faultAt(
        change.path,
        'a restricted project had this name: it stays restricted until an admin of the team frees it',
        'visibility',
      )
  const restrictedIn = Map.groupBy(
    rows.projects.filter(({ visibility }) => visibility === 'restricted'),
    ({ teamId }) => teamId,
  )
  for (const path of goes) {
    const team = there.get(path)
    if (team?.kind !== 'team') continue
    const restricted = restrictedIn.get(team.id)
    if (restricted)
      yield faultAt(
        path,
        `cannot be pruned: it has ${restricted.length} restricted projects, or kept names of such; delete them, and free their names, first`,
      )
  }
}

function* cannotGo({ steps, ask }: Scene): Iterable<Fault> {
  for (const { change, there } of steps)
    if (change.action === 'delete' && there?.id !== undefined && there.id === ask.actorId)
      yield faultAt(change.path, 'cannot be pruned: it is who asks for it; name it in the file')
}
