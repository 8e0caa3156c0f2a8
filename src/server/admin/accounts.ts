/** Service accounts: made in both scopes and both methods. */

import type { JsonObject } from '../../protocol/json.ts'
import type { Caller } from '../access/authority.ts'
import { isOrgAdmin } from '../access/authority.ts'
import type { ServiceAccount, Team } from '../accounts/model.ts'
import { Refusal } from '../errors/refusal.ts'
import { approved, type Judge, type Judging } from './judging.ts'
import { createKey } from './keys.ts'
import { create, type IfMatch, type Noun, update } from './noun.ts'
import type { Where, Work } from './perform.ts'
import { createPolicy, judgedAccount, type MadePolicy, type NewTrust } from './policies.ts'

export type NewAccount = {
  name: string
  method: ServiceAccount['method']
  access: ServiceAccount['access']
  admin: boolean
  token_ttl: number
  dpop_bound_access_tokens: boolean
  description?: string | null | undefined
  enabled?: boolean
}
/** `keyless`: a Built-in one gets no key, as when it comes from a file. */
export type HowMade = {
  judge: Judge
  defaultTeam?: Pick<Team, 'id'> | undefined
  trust?: NewTrust | undefined
  keyless?: boolean
  managedBy?: string
}
export type MadeAccount = { account: ServiceAccount; secret?: string } & Partial<MadePolicy>

/** `place.team`: its parent; without one it is organization-scoped, with `defaultTeam`. */
export async function createAccount(
  work: Work,
  noun: Noun<ServiceAccount>,
  where: Where & { org: { id: string; name: string } },
  body: NewAccount,
  { judge, defaultTeam, trust, keyless = false, managedBy }: HowMade,
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
    enabled: body.enabled ?? true,
    lastUsedAt: null,
    managedBy: managedBy ?? null,
  })
  if (keyless) return { account }
  if (account.method === 'api_key') {
    const { secret } = await createKey(
      work,
      where,
      { type: 'service_account', id: account.id, orgId: account.orgId },
      { name: 'first' },
    )
    return { account, secret }
  }
  return trust ? { account, ...(await within('trust', createPolicy(work, where, account, trust, judge))) } : { account }
}

/** A fault is told at its place in the body. */
async function within<T>(member: string, deed: Promise<T>): Promise<T> {
  try {
    return await deed
  } catch (error) {
    if (!(error instanceof Refusal) || error.reason !== 'body_invalid' || !error.errors) throw error
    const errors = error.errors.map(({ path, ...fault }) => ({ ...fault, path: `${member}.${path}` }))
    throw new Refusal('body_invalid', { errors, cause: error })
  }
}

/** What may write from now on is judged as if its policies were made now. Throws Refusal('lint_refused'). */
export async function changeAccount(
  work: Work,
  noun: Noun<ServiceAccount>,
  where: Where,
  id: string,
  changes: Partial<ServiceAccount>,
  { judge, overrideReason }: Judging,
  ifMatch?: IfMatch,
): Promise<ServiceAccount> {
  let why: JsonObject = {}
  const changesOf = async (before: ServiceAccount) => {
    const after = { ...before, ...changes }
    if (before.access === 'read' && after.access === 'write' && after.method === 'federated')
      why = approved(await judgedAccount(work.stores, judge, after), overrideReason)
    return changes
  }
  return update(work, noun, where, id, changesOf, ifMatch, () => why)
}

/** Only an admin of the organization may make an account that administers (domain.md, "Who may administer what"). */
export function refuseAdminBy(caller: Caller, admin: boolean): void {
  if (admin && caller.type !== 'operator' && !isOrgAdmin(caller))
    throw new Refusal('forbidden', { says: 'only an admin of the organization may create an account with admin: true' })
}
