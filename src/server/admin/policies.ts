/** Trust policies: made and changed by the admins of their account's team, and never kept when they cannot be compiled. */
import type { ServiceAccount } from '../accounts/model.ts'
import { type FieldError, Refusal } from '../errors/refusal.ts'
import { loadCel } from '../trust/cel.ts'
import { compilePolicy } from '../trust/compile.ts'
import type { TrustPolicy, WrittenPolicy } from '../trust/policy.ts'
import { create, type IfMatch, update } from './noun.ts'
import { trustPolicy } from './nouns.ts'
import type { Where, Work } from './perform.ts'

/** A policy as a body has it. `issuer`: name or id. */
export type NewTrust = WrittenPolicy & { name?: string | undefined; issuer: string }
export type PolicyChanges = { [K in keyof NewTrust]?: NewTrust[K] | undefined }

/**
 * Throws Refusal('body_invalid') when the issuer is not registered, the account is none that a policy fits, or the policy
 * cannot be compiled.
 */
export async function createPolicy(
  work: Work,
  where: Where,
  account: ServiceAccount,
  { name, issuer, ...written }: NewTrust,
  managedBy: string | null = null,
): Promise<{ policy: TrustPolicy; issuerName: string }> {
  if (account.method !== 'federated')
    throw new Refusal('body_invalid', {
      says: 'a Built-in account has API keys; trust policies are for External (federated) ones',
    })
  await refuseUncompilable(written)
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
      ...writtenOf(written),
      managedBy,
    },
  )
  return { policy, issuerName: registration.name }
}

/** Another issuer, subject or condition ends the tokens handed out by it. Throws as createPolicy does. */
export async function changePolicy(
  work: Work,
  where: Where,
  policy: Pick<TrustPolicy, 'id' | 'orgId'>,
  { issuer, ...changes }: PolicyChanges,
  issuerName: (id: string) => string,
  ifMatch?: IfMatch,
): Promise<TrustPolicy> {
  const registration = issuer === undefined ? undefined : await registered(work, policy.orgId, issuer)
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
  const nameOf = (id: string) => (id === registration?.id ? registration.name : issuerName(id))
  return update(
    work,
    trustPolicy(nameOf),
    where,
    policy.id,
    async (row) => {
      const after = { ...row, ...given, ...(registration ? { issuerId: registration.id } : {}) } as TrustPolicy
      await refuseUncompilable(after)
      return { ...given, issuerId: after.issuerId }
    },
    ifMatch,
  )
}

/** Its own members alone, whatever else a body had. */
const writtenOf = ({ subject, match, conditions, cel, state }: WrittenPolicy): WrittenPolicy => ({
  subject,
  match,
  conditions,
  cel,
  state,
})

/** Throws Refusal('body_invalid') with every fault, and of an expression its place. */
export async function refuseUncompilable(written: WrittenPolicy): Promise<void> {
  const cel = written.cel === null ? undefined : await loadCel()
  const made = compilePolicy({ ...written, id: '', name: '', issuerId: '' }, cel)
  if (!made.ok) throw new Refusal('body_invalid', { errors: made.faults satisfies readonly FieldError[] })
}

/** Throws Refusal('body_invalid') when the organization has no such issuer. */
export async function registered(work: Pick<Work, 'stores'>, orgId: string, issuer: string) {
  const registration = await work.stores.issuers.find({ orgId }, issuer)
  if (registration) return registration
  const message = 'no issuer of the organization has this name or id; register it first'
  throw new Refusal('body_invalid', { errors: [{ path: 'issuer', message }] })
}
