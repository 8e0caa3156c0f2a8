/** Whom a token is for: a service account or a user, once known. */
export type Principal = {
  id: string
  type: 'service_account' | 'user'
  name: string
  orgId: string
  org: string
  /** Name of the parent or default team; absent for people. */
  team?: string
  /** Id of the parent team, whose admins may see what the account does; absent for an organization-scoped one. */
  teamId?: string
  method: 'federated' | 'api_key'
  /** The subject that it was matched from. */
  idp?: { iss: string; sub: string }
  /** Ids of what it came from (policy and issuer, or key), so that revoking those reaches its tokens. */
  via: readonly string[]
}

/** The team that what it does is filed with. */
export const teamOf = ({ team, teamId }: Partial<Principal> = {}): Pick<Principal, 'team' | 'teamId'> =>
  team === undefined || teamId === undefined ? {} : { team, teamId }
