import { hintOf } from '../accounts/api-key.ts'
import type { ApiKey, Organization, User } from '../accounts/model.ts'
import { Refusal } from '../errors/refusal.ts'
import { stillApproverOf } from './approver.ts'
import { createKey } from './keys.ts'
import { loginKeyName } from './login-key-name.ts'
import type { Work } from './perform.ts'
import type { PendingLogin } from './store.ts'

export type CollectedKey = { secret: string; key: ApiKey; user: User; org: Organization }

/** Makes the key of a login that was approved, once. */
export async function collectWithin(work: Work, login: PendingLogin): Promise<CollectedKey> {
  // Of two who ask at once one finds it, whatever both have read before.
  if (!(await work.stores.logins.remove(login.deviceDigest))) throw new Refusal('login_expired')
  const { key: shown, user, org } = await stillApproverOf(work.stores, login, work.now)
  const id = work.newId('key')
  const wanted = work.now + login.keyLife * 1000
  const { key, secret } = await createKey(
    work,
    { org },
    { type: 'user', id: user.id, orgId: org.id },
    {
      id,
      name: loginKeyName(login.clientName, id),
      expiresAt: Math.min(wanted, shown?.expiresAt ?? wanted),
      letInBy: shown?.id ?? null,
    },
  )
  const { decidedAt, decidedIp: ip, decidedAgent: user_agent } = login
  const approved = { at: iso(decidedAt ?? 0), ip, user_agent, ...provenBy(shown) }
  await work.record(
    'login.finish',
    { org },
    { type: 'api_key', id, name: hintOf(secret) },
    { ...startOf(login), approved },
  )
  return { key, secret, user, org }
}

const iso = (ms: number) => new Date(ms).toISOString()
/** What whoever approved has shown: a key, or that they are signed in by the provider. */
export const provenBy = (key: ApiKey | undefined) => (key ? { key: key.id } : { signed_in_by: 'sso' })
/** As it is told in the trail. */
export const startOf = ({ clientName, clientIp, clientAgent, startedAt }: PendingLogin) => ({
  started: { at: iso(startedAt), client_name: clientName, ip: clientIp, user_agent: clientAgent },
})
