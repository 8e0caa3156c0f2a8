/** What a form changes of an account, when somebody else may have changed it meanwhile. */
import type { Access, ServiceAccount } from '../../wire/shapes.ts'

export type Editable = {
  name: string
  description: string
  access: Access
  tokenTtl: number
  defaultTeam: string
  dpop: boolean
}
type Member = keyof Editable

const words: Record<Member, string> = {
  name: 'Name',
  description: 'Description',
  access: 'Access',
  tokenTtl: 'Token lifetime, in seconds',
  defaultTeam: 'Default team',
  dpop: 'Bound to a key (DPoP)',
}
const members = Object.keys(words) as Member[]

export const editableOf = (account: ServiceAccount): Editable => ({
  name: account.name,
  description: account.description ?? '',
  access: account.access,
  tokenTtl: account.token_ttl,
  defaultTeam: account.default_team ?? '',
  dpop: account.dpop_bound_access_tokens,
})

/** The body of a PATCH: what was changed, and nothing else. */
export function changesOf(before: Editable, after: Editable): Record<string, unknown> {
  const body: Record<string, unknown> = {}
  if (after.name !== before.name) body.name = after.name
  if (after.description !== before.description) body.description = after.description.trim() || null
  if (after.access !== before.access) body.access = after.access
  if (after.tokenTtl !== before.tokenTtl) body.token_ttl = after.tokenTtl
  if (after.defaultTeam !== before.defaultTeam) body.default_team = after.defaultTeam
  if (after.dpop !== before.dpop) body.dpop_bound_access_tokens = after.dpop
  return body
}

/** What I have typed stays; what I have left alone becomes as they have made it. */
export function rebased(before: Editable, mine: Editable, theirs: Editable): Editable {
  const kept = members.filter((member) => mine[member] !== before[member])
  return { ...theirs, ...Object.fromEntries(kept.map((member) => [member, mine[member]])) }
}

export type TheirChange = { what: string; now: string; isMineToo: boolean }

/** What they have changed, and whether I am about to write over it. */
export const theirChanges = (before: Editable, mine: Editable, theirs: Editable): TheirChange[] =>
  members
    .filter((member) => theirs[member] !== before[member])
    .map((member) => ({
      what: words[member],
      now: String(theirs[member]),
      isMineToo: mine[member] !== before[member] && mine[member] !== theirs[member],
    }))
