/** The hot path's questions, answered from memory until something of their organization changes. */
import { hash } from 'node:crypto'
import type { Changes } from '../accounts/changes.ts'
import type { KeyHolder } from '../accounts/store.ts'
import type { AllLookups, StoredLookups } from '../admin/store.ts'
import type { Candidate } from '../trust/compile.ts'
import { type Candidates, narrowing } from '../trust/narrow.ts'
import { type Bounds, cached, type Loaded } from './changes.ts'
import type { ReadyPolicies } from './ready-policies.ts'

/** Candidates that are remembered in all: thousands of policies may fit thousands of subjects. */
const candidatesKept = 200_000

/** Answers kept, of each kind. A few hundred bytes each, but for registrations, which hold uploaded keys. */
const max = 10_000
const asksKept = 1_000
const registrationSize = 64 * 1024 * 1024
/** ms; the net under a change that was not heard of. */
const ttl = 60_000

/** Strangers choose some of these words, and how long they are; what is remembered is never longer than this. */
const longestKey = 200
const keyOf = (...words: readonly string[]): string => {
  const key = JSON.stringify(words)
  return key.length > longestKey ? hash('sha256', key) : key
}

export function cachedLookups(
  lookups: StoredLookups,
  ready: ReadyPolicies,
  changes: Changes,
  now: () => number,
): AllLookups {
  const bounds: Bounds = { max, ttl, now }
  /** Remembers answers; of those who have the thing asked for. `owner`: whose it is; undefined when there is none. */
  const remembering = <Args extends string[], T>(
    ask: (...args: Args) => Promise<T>,
    ownersOf: (answer: T, ...args: Args) => readonly string[],
    more: Partial<Bounds> = {},
  ) => {
    const get = cached<T>(changes, { ...bounds, ...more })
    return (...args: Args): Promise<T> =>
      get(keyOf(...args), async (): Promise<Loaded<T>> => {
        const value = await ask(...args)
        const size = more.maxSize === undefined ? {} : { size: JSON.stringify(value ?? null).length }
        return { value, orgIds: ownersOf(value, ...args), ...size }
      })
  }
  const keepUnowned = true
  /** Of the organization that was asked about, whether the thing is there or not. */
  const ofOrganization = (_answer: unknown, orgId: string) => [orgId]
  const holderOwners = (found: KeyHolder | undefined): readonly string[] => (found ? [found.key.orgId] : [])
  /**
   * A key that is nobody's is answered as quickly as one that has expired: how long it takes tells nothing of which. Those
   * that strangers make up push out each other, and nothing else.
   */
  const flatly = (ask: AllLookups['keyHolder']): AllLookups['keyHolder'] => {
    const asked = cached<KeyHolder | undefined>(changes, { ...bounds, max: asksKept, keepUnowned })
    return (digest) =>
      asked(digest, async () => {
        const value = await ask(digest)
        return { value, orgIds: holderOwners(value), passing: value !== undefined }
      })
  }
  const fitting = cached<Awaited<ReturnType<AllLookups['fitting']>>>(changes, { ...bounds, keepUnowned })

  return {
    fitting: (issuer, audiences) =>
      fitting(keyOf(issuer, ...audiences), async () => {
        const value = await lookups.fitting(issuer, audiences)
        // Of several audiences another organization may come to have one, which makes the token fit nobody.
        return { value, orgIds: audiences.length > 1 ? [] : value.map(({ orgId }) => orgId) }
      }),
    registration: remembering(lookups.registration, (found) => (found ? [found.registration.orgId] : []), {
      maxSize: registrationSize,
    }),
    issuerKnown: remembering(lookups.issuerKnown, () => [], { keepUnowned }),
    candidates: candidates(lookups, ready, changes, bounds),
    keyHolder: flatly(remembering(lookups.keyHolder, holderOwners)),
    account: remembering(lookups.account, (found) => (found ? [found.account.orgId] : [])),
    user: remembering(lookups.user, (found) => (found ? [found.user.orgId] : [])),
    projectNamed: remembering(lookups.projectNamed, ofOrganization),
    projectOfTeam: remembering(lookups.projectOfTeam, ofOrganization),
    projectRole: remembering(lookups.projectRole, ofOrganization),
    teamRoles: remembering(lookups.teamRoles, ofOrganization),
    usersNamed: remembering(lookups.usersNamed, ofOrganization),
    resourceServers: remembering(lookups.resourceServers, ofOrganization),
    audienceHolder: (audience) => lookups.audienceHolder(audience),
    touchKey: (id, at) => lookups.touchKey(id, at),
  }
}

/**
 * Policies as they are ready to be asked. Those that name their subjects by a glob are had once for a registration; which of
 * them a subject fits is found once for the subject.
 */
function candidates(
  lookups: StoredLookups,
  ready: ReadyPolicies,
  changes: Changes,
  bounds: Bounds,
): AllLookups['candidates'] {
  const ownersOf = (found: readonly Candidate[]) => [...new Set(found.map(({ account }) => account.orgId))]
  const byGlob = cached<readonly Candidate[]>(changes, { ...bounds, max: 1_000, keepUnowned: true })
  const bySubject = cached<Candidates>(changes, {
    ...bounds,
    keepUnowned: true,
    maxSize: candidatesKept,
  })
  const underWay = new Map<string, { mark: number; found: Promise<readonly Candidate[]> }>()
  /** There may be thousands: who asks meanwhile waits for the same, unless something has changed since it was asked for. */
  const globs = (issuerId: string) => {
    const same = underWay.get(issuerId)
    if (same?.mark === changes.mark()) return same.found
    const mark = changes.mark()
    const found = byGlob(issuerId, async () => {
      const value = await ready(await lookups.globPolicies(issuerId))
      return { value, orgIds: ownersOf(value) }
    }).finally(() => {
      if (underWay.get(issuerId)?.found === found) underWay.delete(issuerId)
    })
    underWay.set(issuerId, { mark, found })
    return found
  }
  return (issuerId, subject) =>
    bySubject(keyOf(issuerId, subject), async () => {
      const [exact, patterns] = await Promise.all([
        lookups.exactPolicies(issuerId, subject).then(ready),
        globs(issuerId),
      ])
      const all = [...exact, ...patterns.filter(({ policy }) => policy.fitsSubject(subject))]
      all.sort((a, b) => (a.policy.id < b.policy.id ? -1 : 1))
      return { value: narrowing(all), orgIds: ownersOf([...exact, ...patterns]), size: all.length + 1 }
    })
}
