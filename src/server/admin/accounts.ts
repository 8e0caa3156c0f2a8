/** Service accounts: made in both scopes and both methods. */

import type { Caller } from '../access/authority.ts'
import { isOrgAdmin } from '../access/authority.ts'
import type { ServiceAccount, Team } from '../accounts/model.ts'
import { Refusal } from '../errors/refusal.ts'
import type { TrustPolicy } from '../trust/policy.ts'
import { createKey } from './keys.ts'
import { create, type Noun } from './noun.ts'
import { trustPolicy } from './nouns.ts'
import type { Where, Work } from './perform.ts'

export type NewAccount = {
  name: string
  method: ServiceAccount['method']
  access: ServiceAccount['access']
  admin: boolean
  token_ttl: number
  dpop_bound_access_tokens: boolean
  description?: string | null | undefined
}
export type NewTrust = { name?: string | undefined; issuer: string; subject: string }
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

/** Throws Refusal('body_invalid') when the issuer is not registered, or the account is none that a policy fits. */
export async function createPolicy(
  work: Work,
  where: Where,
  account: ServiceAccount,
  { name, issuer, subject }: NewTrust,
): Promise<{ policy: TrustPolicy; issuerName: string }> {
  if (account.method !== 'federated')
    throw new Refusal('body_invalid', {
      says: 'a Built-in account has API keys; trust policies are for External (federated) ones',
    })
  const registration = await registered(work, account.orgId, issuer)
  const id = work.newId('tp')
  const policy = await create(
    work,
    trustPolicy(() => registration.name),
    where,
    {
      id,
      name: name ?? id.replace('_', '-'),
      orgId: account.orgId,
      accountId: account.id,
      issuerId: registration.id,
      subject,
      match: 'exact' as const,
    },
  )
  return { policy, issuerName: registration.name }
}

export async function registered(work: Pick<Work, 'stores'>, orgId: string, issuer: string) {
  const registration = await work.stores.issuers.find({ orgId }, issuer)
  if (registration) return registration
  const message = 'no issuer of the organization has this name or id; register it first'
  throw new Refusal('body_invalid', { errors: [{ path: 'issuer', message }] })
}

/** Only an admin of the organization may make an account that administers (domain.md, "Who may administer what"). */
export function refuseAdminBy(caller: Caller, admin: boolean): void {
  if (admin && caller.type !== 'operator' && !isOrgAdmin(caller))
    throw new Refusal('forbidden', { says: 'only an admin of the organization may create an account with admin: true' })
}
