/**
 * What an organization should look after: accounts and keys that nobody uses, keys without an end or near it, weak
 * policies, keys where federation works already. The whole of it is looked through in windows, with a turn for others
 * behind each; what came of it is kept for some time, so that looking costs a twentieth of the time at the most.
 */
import { setImmediate as soon } from 'node:timers/promises'
import type { ApiKey, ServiceAccount } from '../accounts/model.ts'
import type { Registration } from '../issuers/model.ts'
import type { Stores } from '../storage/storage.ts'
import type { Severity } from '../trust/finding.ts'
import type { TrustPolicy } from '../trust/policy.ts'
import type { Judge } from './judging.ts'

export const hygieneKinds = [
  'weak_policy',
  'expires_soon',
  'key_although_federated',
  'never_used',
  'idle',
  'never_expires',
] as const
export type HygieneKind = (typeof hygieneKinds)[number]

const day = 86_400_000
/** ms. `never`: after it was made; `idle`: after the last use; `soon`: before the end; `recent`: a use that counts as one. */
export const spans = { never: 30 * day, idle: 90 * day, soon: 14 * day, recent: 30 * day } as const

/** `ownerId`: of an account or a user; `subId`: of the key or the policy that it is about. `since`: ms. */
export type Concern = {
  kind: HygieneKind
  severity: Severity
  ownerId: string
  teamId: string | null
  subId: string | null
  since: number | null
}
export type Report = ReadonlyMap<HygieneKind, readonly Concern[]>

type Needs = { reading: Stores; judge: Judge; now: () => number }
const atOnce = 200
/** Reports kept, of one organization each. */
const mostKept = 20
const longestKept = 300_000

export function createHygiene(needs: Needs): (orgId: string) => Promise<Report> {
  const kept = new Map<string, { report: Promise<Report>; until: number }>()
  return (orgId) => {
    const known = kept.get(orgId)
    if (known && known.until > performance.now()) return known.report
    const began = performance.now()
    const one = { report: look(needs, orgId), until: Number.POSITIVE_INFINITY }
    kept.delete(orgId)
    kept.set(orgId, one)
    for (const oldest of [...kept.keys()].slice(0, -mostKept)) kept.delete(oldest)
    one.report.then(
      () => {
        const took = performance.now() - began
        one.until = began + took + Math.min(20 * took, longestKept)
      },
      () => kept.delete(orgId),
    )
    return one.report
  }
}

async function look({ reading, judge, now }: Needs, orgId: string): Promise<Report> {
  const at = now()
  // Of what was before that, only the uses of keys are known.
  const noted = Number((await reading.values.get('activity_since')) ?? 0)
  const report = new Map<HygieneKind, Concern[]>(hygieneKinds.map((kind) => [kind, []]))
  const add = (concern: Concern) => void report.get(concern.kind)?.push(concern)
  const issuers = new Map<string, Registration>()
  for await (const rows of pages((ask) => reading.issuers.list({ orgId }, ask)))
    for (const row of rows) issuers.set(row.id, row)
  const federated = new Set<string>()
  const byKey: ServiceAccount[] = []

  for await (const rows of pages((ask) => reading.serviceAccounts.list({ orgId }, ask))) {
    const enabled = rows.filter((row) => row.enabled)
    for (const row of enabled) {
      const unused = unusedSince(row, Math.max(row.createdAt, row.method === 'federated' ? noted : 0), at)
      if (unused) add({ ...unused, ownerId: row.id, teamId: row.teamId, subId: null })
      if (row.teamId === null || !isRecent(row.lastUsedAt, at)) continue
      if (row.method === 'federated') federated.add(row.teamId)
      else byKey.push(row)
    }
    const of = new Map(enabled.map((row) => [row.id, row]))
    for (const key of await reading.lookups.keysHeldBy(orgId, idsOf(enabled, 'api_key')))
      for (const ends of endsOf(key, at))
        add({ ...ends, ownerId: key.ownerId, teamId: of.get(key.ownerId)?.teamId ?? null, subId: key.id })
    const policies = Map.groupBy(
      await reading.lookups.policiesHeldBy(orgId, idsOf(enabled, 'federated')),
      (one) => one.accountId,
    )
    for (const [accountId, all] of policies)
      for (const weak of await weakOf(judge, of.get(accountId) as ServiceAccount, all, issuers)) add(weak)
  }

  for await (const rows of pages((ask) => reading.users.list({ orgId }, ask))) {
    for (const key of await reading.lookups.keysHeldBy(
      orgId,
      rows.map(({ id }) => id),
    )) {
      const unused = unusedSince(key, key.createdAt, at)
      for (const found of [...endsOf(key, at), ...(unused && isLive(key, at) ? [unused] : [])])
        add({ ...found, ownerId: key.ownerId, teamId: null, subId: key.id })
    }
  }
  for (const { id, teamId, lastUsedAt } of byKey)
    if (federated.has(teamId as string))
      add({ kind: 'key_although_federated', severity: 'info', ownerId: id, teamId, subId: null, since: lastUsedAt })
  return report
}

const idsOf = (rows: readonly ServiceAccount[], method: ServiceAccount['method']) =>
  rows.filter((row) => row.method === method).map(({ id }) => id)
const isRecent = (used: number | null, at: number) => used !== null && used > at - spans.recent
const isLive = ({ expiresAt }: ApiKey, at: number) => expiresAt === null || expiresAt > at

type Found = Pick<Concern, 'kind' | 'severity' | 'since'>

function unusedSince({ lastUsedAt }: { lastUsedAt: number | null }, made: number, at: number): Found | undefined {
  if (lastUsedAt === null && made <= at - spans.never) return { kind: 'never_used', severity: 'warn', since: made }
  if (lastUsedAt !== null && lastUsedAt <= at - spans.idle) return { kind: 'idle', severity: 'warn', since: lastUsedAt }
  return undefined
}

/** Of one that was rotated the end is as it should be. */
function endsOf(key: ApiKey, at: number): Found[] {
  const { expiresAt, createdAt, replacedBy } = key
  if (replacedBy !== null || !isLive(key, at)) return []
  if (expiresAt === null) return [{ kind: 'never_expires', severity: 'info', since: createdAt }]
  // One that was made to live for less than that is near its end from the beginning.
  const isNear = expiresAt <= at + spans.soon && expiresAt - createdAt > spans.soon
  return isNear ? [{ kind: 'expires_soon', severity: 'warn', since: expiresAt }] : []
}

/** As they are judged when they are read; a draft lets nobody in. */
async function weakOf(
  judge: Judge,
  account: ServiceAccount,
  policies: readonly TrustPolicy[],
  issuers: ReadonlyMap<string, Registration>,
): Promise<Concern[]> {
  const weak: Concern[] = []
  const atIssuer = Map.groupBy(policies, ({ issuerId }) => issuerId)
  for (const { id, issuerId, subject, match, conditions, cel, state } of policies) {
    const issuer = issuers.get(issuerId)
    if (!issuer || state !== 'live') continue
    const siblings = atIssuer.get(issuerId)?.slice(0, atOnce) ?? []
    const findings = await judge.policy({ id, subject, match, conditions, cel, state }, issuer, {
      ...account,
      siblings,
    })
    const severity = worstOf(findings)
    const { id: ownerId, teamId } = account
    if (severity) weak.push({ kind: 'weak_policy', severity, ownerId, teamId, subId: id, since: null })
    await soon()
  }
  return weak
}

export const worstOf = (findings: readonly { severity: Severity }[]): Severity | undefined =>
  (['error', 'warn'] as const).find((severity) => findings.some((finding) => finding.severity === severity))

type Ask = { limit: number; after?: string }
async function* pages<T>(list: (ask: Ask) => Promise<{ items: T[]; nextCursor: string | null }>) {
  for (let after: string | null | undefined; after !== null; await soon()) {
    const page = await list({ limit: atOnce, ...(after === undefined ? {} : { after }) })
    yield page.items
    after = page.nextCursor
  }
}
