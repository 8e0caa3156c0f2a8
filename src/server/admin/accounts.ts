/** Service accounts: made in both scopes and both methods. */

import type { Caller } from '../access/authority.ts'
import { isOrgAdmin } from '../access/authority.ts'
import type { ServiceAccount, Team } from '../accounts/model.ts'
import { Refusal } from '../errors/refusal.ts'
import type { TrustPolicy } from '../trust/policy.ts'
import { createKey } from './keys.ts'
import { create, type Noun } from './noun.ts'
import type { Where, Work } from './perform.ts'
import { createPolicy, type NewTrust } from './policies.ts'

export type NewAccount = {
  name: string
  method: ServiceAccount['method']
  access: ServiceAccount['access']
  admin: boolean
  token_ttl: number
  dpop_bound_access_tokens: boolean
  description?: string | null | undefined
}
export type MadeAccount = { account: ServiceAccount; secret?: string; policy?: TrustPolicy; issuerName?: string }

/** `place.team`: its parent; without one it is organization-scoped, with `defaultTeam`. */
export async function createAccount(
  work: Work,
  noun: Noun<ServiceAccount>,
  where: Where & { org: { id: string; name: string } },
  body: NewAccount,
  { defaultTeam, trust }: { defaultTeam?: Team | undefined; trust?: NewTrust | undefined },
): Promise<MadeAccount> {
  const account = await create(work, noun, where, {
    id: work.newId('sa'),
    name: body.name,
    orgId: where.org.id,
    teamId: where.team?.id ?? null,
    defaultTeamId: defaultTeam?.id ?? null,
    method: body.method,
    access: body.access,
    admin: body.admin,
    tokenTtl: body.token_ttl,
    dpopBound: body.dpop_bound_access_tokens,
    description: body.description ?? null,
    enabled: true,
    managedBy: null,
  })
  if (account.method === 'api_key') {
    const { secret } = await createKey(
      work,
      where,
      { type: 'service_account', id: account.id, orgId: account.orgId },
      { name: 'first' },
    )
    return { account, secret }
  }
  return trust ? { account, ...(await createPolicy(work, where, account, trust)) } : { account }
}

/** Only an admin of the organization may make an account that administers (domain.md, "Who may administer what"). */
export function refuseAdminBy(caller: Caller, admin: boolean): void {
  if (admin && caller.type !== 'operator' && !isOrgAdmin(caller))
    throw new Refusal('forbidden', { says: 'only an admin of the organization may create an account with admin: true' })
}
