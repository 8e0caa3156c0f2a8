/** Trust policies: made and changed by the admins of their account's team, and never kept when they cannot be compiled. */
import { setImmediate as soon } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { JsonObject } from '../../protocol/json.ts'
import type { ServiceAccount } from '../accounts/model.ts'
import { type FieldError, Refusal } from '../errors/refusal.ts'
import type { Registration } from '../issuers/model.ts'
import type { Stores } from '../storage/storage.ts'
import { compilePolicy } from '../trust/compile.ts'
import type { Finding } from '../trust/finding.ts'
import type { TrustPolicy, WrittenPolicy } from '../trust/policy.ts'
import { approved, type Judge, policiesOf, siblingsOf, type Trail } from './judging.ts'
import { create, type IfMatch, update } from './noun.ts'
import { trustPolicy } from './nouns.ts'
import type { Where, Work } from './perform.ts'

/** A policy as a body has it. `issuer`: name or id. */
export type NewTrust = WrittenPolicy & {
  name?: string | undefined
  issuer: string
  override_reason?: string | undefined
}
export type MadePolicy = { policy: TrustPolicy; issuerName: string; findings: readonly Finding[] }
export type PolicyChanges = { [K in keyof NewTrust]?: NewTrust[K] | undefined } & { managedBy?: string }

/**
 * Throws Refusal('body_invalid') when the issuer is not registered, the account is none that a policy fits, or the policy
 * cannot be compiled.
 */
export async function createPolicy(
  work: Work,
  where: Where,
  account: ServiceAccount,
  { name, issuer, override_reason, ...written }: NewTrust,
  judge: Judge,
  managedBy: string | null = null,
): Promise<MadePolicy> {
  if (account.method !== 'federated')
    throw new Refusal('body_invalid', {
      says: 'a Built-in account has API keys; trust policies are for External (federated) ones',
    })
  await refuseUncompilable(written, judge)
  const registration = await registered(work, account.orgId, issuer)
  const siblings = await siblingsOf(work.stores, account, registration.id)
  const findings = await judge.policy(writtenOf(written), registration, { ...account, siblings })
  const why = approved(findings, override_reason)
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
    why,
  )
  return { policy, issuerName: registration.name, findings }
}

/** Another issuer, subject or condition ends the tokens handed out by it. Throws as createPolicy does. */
export async function changePolicy(
  work: Work,
  where: Where,
  policy: Pick<TrustPolicy, 'id' | 'orgId'>,
  { issuer, override_reason, ...changes }: PolicyChanges,
  { issuerName, judge }: { issuerName: (id: string) => string; judge: Judge },
  ifMatch?: IfMatch,
): Promise<{ policy: TrustPolicy; findings: readonly Finding[] }> {
  const registration = issuer === undefined ? undefined : await registered(work, policy.orgId, issuer)
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
  const nameOf = (id: string) => (id === registration?.id ? registration.name : issuerName(id))
  let findings: readonly Finding[] = []
  let why: JsonObject = {}
  const after = await update(
    work,
    trustPolicy(nameOf),
    where,
    policy.id,
    async (row) => {
      const after = { ...row, ...given, ...(registration ? { issuerId: registration.id } : {}) } as TrustPolicy
      await refuseUncompilable(after, judge)
      findings = await judgedAnew(work.stores, judge, after)
      if (isJudgedAnew(row, after)) why = approved(findings, override_reason)
      return { ...given, issuerId: after.issuerId }
    },
    ifMatch,
    () => why,
  )
  return { policy: after, findings }
}

/** What lint says of a policy as it is kept, with the account and the issuer as they are now. */
export async function judgedAnew(
  stores: Pick<Stores, 'policies' | 'serviceAccounts' | 'issuers'>,
  judge: Judge,
  policy: TrustPolicy,
  trail?: Trail,
): Promise<readonly Finding[]> {
  const { orgId } = policy
  const account = await stores.serviceAccounts.find({ orgId }, policy.accountId)
  const registration = await stores.issuers.find({ orgId }, policy.issuerId)
  if (!account || !registration) throw new Refusal('not_found')
  const siblings = await siblingsOf(stores, account, registration.id)
  return judge.policy({ ...writtenOf(policy), id: policy.id }, registration, { ...account, siblings }, trail)
}

/** What lint says of the policies of an External account, changed or not, with a turn for others behind each. */
export async function judgedAccount(
  stores: Pick<Stores, 'policies' | 'issuers'>,
  judge: Judge,
  account: ServiceAccount,
  which: 'all' | 'the first' = 'all',
): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  const known = new Map<string, Promise<[Registration | undefined, readonly TrustPolicy[]]>>()
  const atIssuer = (issuerId: string) => {
    const found =
      known.get(issuerId) ??
      Promise.all([stores.issuers.find({ orgId: account.orgId }, issuerId), siblingsOf(stores, account, issuerId)])
    known.set(issuerId, found)
    return found
  }
  for await (const page of policiesOf(stores, account)) {
    for (const policy of page) {
      const [registration, siblings] = await atIssuer(policy.issuerId)
      const written = { ...writtenOf(policy), id: policy.id }
      if (registration) findings.push(...(await judge.policy(written, registration, { ...account, siblings })))
      await soon()
    }
    if (which === 'the first') break
  }
  return findings
}

/** Whether a change is one that lint has to approve: another name is not, nor is what stops granting. */
function isJudgedAnew(before: TrustPolicy, after: TrustPolicy): boolean {
  const members = ['issuerId', 'subject', 'match', 'conditions', 'cel'] as const
  const isSame = members.every((member) => isDeepStrictEqual(before[member], after[member]))
  return !isSame || (before.state !== 'live' && after.state === 'live')
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
export async function refuseUncompilable(written: WrittenPolicy, judge: Pick<Judge, 'cel'>): Promise<void> {
  const cel = written.cel === null ? undefined : await judge.cel()
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
