import type { Caller } from '../../access/authority.ts'

/** A caller as they see themselves. */
export async function whoIs(caller: Caller, teamOf: (id: string) => Promise<{ name: string } | undefined>) {
  if (caller.type === 'operator') return { type: caller.type }
  const { type, id, name, org } = caller
  if (caller.type === 'service_account') {
    const { admin, teamId, readOnly } = caller
    const team = teamId === null ? null : ((await teamOf(teamId))?.name ?? teamId)
    return { type, id, name, org, admin, team, access: readOnly ? 'read' : 'write' }
  }
  if (caller.type === 'resource_server') return { type, id, name, org }
  const teams = await Promise.all(
    [...caller.teams].map(async ([team, role]) => ({ team: (await teamOf(team))?.name ?? team, role })),
  )
  return { type, id, name, org, role: caller.role, teams }
}
