/** The hot path's questions, answered from memory until something of their organization changes. */
import type { Changes } from '../accounts/changes.ts'
import type { AllLookups } from '../admin/store.ts'
import { cached } from './changes.ts'

/** Answers kept, of each kind. A few hundred bytes each. */
const max = 10_000
/** ms; the net under a change that was not heard of. */
const ttl = 60_000

export function cachedLookups(lookups: AllLookups, changes: Changes, now: () => number): AllLookups {
  const bounds = { max, ttl, now }
  const registrations = cached<Awaited<ReturnType<AllLookups['registrations']>>>(changes, {
    ...bounds,
    keepUnowned: true,
  })
  const issuerKnown = cached<boolean>(changes, { ...bounds, keepUnowned: true })
  const candidates = cached<Awaited<ReturnType<AllLookups['candidates']>>>(changes, { ...bounds, keepUnowned: true })
  const keyHolder = cached<Awaited<ReturnType<AllLookups['keyHolder']>>>(changes, bounds)
  const account = cached<Awaited<ReturnType<AllLookups['account']>>>(changes, bounds)
  const user = cached<Awaited<ReturnType<AllLookups['user']>>>(changes, bounds)
  const resourceServers = cached<Awaited<ReturnType<AllLookups['resourceServers']>>>(changes, bounds)
  return {
    registrations: (issuer, audiences) =>
      registrations(JSON.stringify([issuer, ...audiences]), async () => {
        const value = await lookups.registrations(issuer, audiences)
        return { value, orgIds: value.map(({ registration }) => registration.orgId) }
      }),
    issuerKnown: (issuer) =>
      issuerKnown(issuer, async () => ({ value: await lookups.issuerKnown(issuer), orgIds: [] })),
    candidates: (issuerId, subject) =>
      candidates(`${issuerId} ${subject}`, async () => {
        const value = await lookups.candidates(issuerId, subject)
        return { value, orgIds: value.map((candidate) => candidate.account.orgId) }
      }),
    keyHolder: (digest) =>
      keyHolder(digest, async () => {
        const value = await lookups.keyHolder(digest)
        return { value, orgIds: value ? [value.key.orgId] : [] }
      }),
    account: (id) =>
      account(id, async () => {
        const value = await lookups.account(id)
        return { value, orgIds: value ? [value.account.orgId] : [] }
      }),
    user: (id) =>
      user(id, async () => {
        const value = await lookups.user(id)
        return { value, orgIds: value ? [value.user.orgId] : [] }
      }),
    usersNamed: (orgId, name) => lookups.usersNamed(orgId, name),
    touchKey: (id, at) => lookups.touchKey(id, at),
    resourceServers: (orgId, audience) =>
      resourceServers(`${orgId} ${audience}`, async () => ({
        value: await lookups.resourceServers(orgId, audience),
        orgIds: [orgId],
      })),
  }
}
