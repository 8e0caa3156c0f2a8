/**
 * Who is calling an API of ours: the operator, a user, a service account or a resource server, by access token or key.
 * Rules: roles are read as they stand now, never from the token; one answer for every way of being wrong; failed
 * attempts are counted per client address.
 */
import { timingSafeEqual } from 'node:crypto'
import type { Caller } from '../access/authority.ts'
import { digestOf, isApiKey } from '../accounts/api-key.ts'
import { addressKey, type Failures } from '../accounts/failures.ts'
import { accessOfUser, type HolderOf } from '../accounts/recognize.ts'
import type { Lookups, Members } from '../accounts/store.ts'
import type { Origin } from '../audit/origin.ts'
import { Refusal } from '../errors/refusal.ts'
import type { ReadOwn } from '../tokens/own.ts'

/**
 * `secrets`: what the caller showed, in each way in which it can be read; none when it showed nothing.
 * Throws Refusal('unauthenticated') or Refusal('rate_limited').
 */
export type Identify = (secrets: readonly string[], origin: Origin) => Promise<Caller>

type Needs = {
  operatorKey: string | undefined
  holderOf: HolderOf
  readOwn: ReadOwn
  lookups: Pick<Lookups, 'account' | 'user'>
  members: Pick<Members, 'ofUser'>
  failures: Failures
  publicUrl: () => string
}

export function createIdentify(needs: Needs): Identify {
  const { operatorKey, holderOf, readOwn, lookups, failures, publicUrl } = needs
  const operatorDigest = operatorKey === undefined ? undefined : Buffer.from(digestOf(operatorKey))

  const byKey = async (digest: string, origin: Origin): Promise<Caller | undefined> => {
    const holder = await holderOf(digest, origin)
    if (!holder) return undefined
    const { org, user, account, resourceServer } = holder
    if (user) return userCaller(user.id, false)
    if (account) return accountCaller(account.id, false)
    if (!resourceServer) return undefined
    const { id, name, orgId, audience } = resourceServer
    return { type: 'resource_server', id, name, orgId, org, audience }
  }
  const byToken = async (secret: string): Promise<Caller | undefined> => {
    const claims = readOwn(secret)
    if (claims?.aud !== publicUrl()) return undefined
    const reads = !claims.scope.split(' ').includes('projects:write')
    return claims.principal === 'user' ? userCaller(claims.sub, reads) : accountCaller(claims.sub, reads)
  }
  /** `reads`: what they show is for reading alone. */
  const userCaller = async (id: string, reads: boolean): Promise<Caller | undefined> => {
    const found = await lookups.user(id)
    if (!found) return undefined
    const { user, org } = found
    const teams = new Map((await needs.members.ofUser(id)).map(({ teamId, role }) => [teamId, role]))
    const readOnly = reads || accessOfUser(user) === 'read'
    return { type: 'user', readOnly, id, name: user.name, orgId: user.orgId, org, role: user.role, teams }
  }
  const accountCaller = async (id: string, reads: boolean): Promise<Caller | undefined> => {
    const found = await lookups.account(id)
    if (!found?.account.enabled) return undefined
    const { name, orgId, admin, teamId, access } = found.account
    const readOnly = reads || access === 'read'
    return { type: 'service_account', readOnly, id, name, orgId, org: found.org, admin, teamId }
  }

  // Digests have one length, and comparing them tells nothing of where the secrets differ.
  const isOperators = (digest: string) => operatorDigest && timingSafeEqual(Buffer.from(digest), operatorDigest)

  return async (secrets, origin) => {
    const digests = secrets.map(digestOf)
    const [secret, digest] = [secrets.at(-1), digests.at(-1)]
    if (secret === undefined || digest === undefined) throw new Refusal('unauthenticated')
    if (digests.some(isOperators)) return { type: 'operator' }
    const caller = isApiKey(secret) ? await byKey(digest, origin) : await byToken(secret)
    if (caller) return caller
    if (await failures.count(`${addressKey(origin.client.ip)} key`)) throw new Refusal('rate_limited')
    throw new Refusal('unauthenticated', {
      says: 'the access token or API key is unknown, expired, revoked, or of a disabled account',
    })
  }
}
