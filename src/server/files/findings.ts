/** What lint has to say of the issuers and policies of a file, as they will be together, and which of it refuses them. */
import { setImmediate as soon } from 'node:timers/promises'
import type { Judge } from '../admin/judging.ts'
import type { Registration } from '../issuers/model.ts'
import type { Finding } from '../trust/finding.ts'
import type { TrustPolicy, WrittenPolicy } from '../trust/policy.ts'
import type { Fault } from './fault.ts'
import { placeInFile, type There, type Wanted } from './members.ts'
import { type Plan, widens } from './plan.ts'

export type FileFinding = Finding & { path: string }

/** Policies of an account that are looked at for one that another makes needless. */
const mostSiblings = 200

/** With a turn for others behind each. */
export async function findingsOf(plan: Plan, judge: Judge, org: { name: string }): Promise<FileFinding[]> {
  const found: FileFinding[] = []
  const bySource = Map.groupBy(
    [...plan.wanted.values()].filter(({ kind }) => kind === 'trust_policy'),
    ({ under, members }) => `${under} ${members.issuer}`,
  )
  for (const wanted of [...plan.wanted.values(), ...besides(plan)]) {
    const findings =
      wanted.kind === 'issuer'
        ? judge.issuer(issuerIn(wanted), org)
        : wanted.kind === 'trust_policy'
          ? await policyFindings(wanted, plan, bySource, judge)
          : []
    found.push(...findings.map((finding) => ({ path: wanted.path, ...finding })))
    if (wanted.kind === 'trust_policy') await soon()
  }
  return found
}

/** Policies that the file does not name, of accounts that may write from then on. */
function besides({ steps, wanted, there, goes }: Plan): There[] {
  const widened = new Set(steps.filter(widens).map(({ change }) => change.path))
  const isBesides = ({ kind, path, under = '' }: There) =>
    kind === 'trust_policy' && widened.has(under) && !wanted.has(path) && !goes.has(path)
  return widened.size === 0 ? [] : [...there.values()].filter(isBesides)
}

async function policyFindings(
  wanted: Wanted,
  { wanted: all, there }: Plan,
  bySource: ReadonlyMap<string, readonly Wanted[]>,
  judge: Judge,
): Promise<readonly Finding[]> {
  const issuer = all.get(`issuers/${wanted.members.issuer}`) ?? there.get(`issuers/${wanted.members.issuer}`)
  const account = all.get(wanted.under ?? '')
  // A plan has faults that say so.
  if (!issuer || !account) return []
  const { access, admin, token_ttl } = account.members as {
    access: 'read' | 'write'
    admin: boolean
    token_ttl: number
  }
  const siblings = (bySource.get(`${wanted.under} ${wanted.members.issuer}`) ?? []).slice(0, mostSiblings)
  return judge.policy({ ...writtenIn(wanted), id: wanted.path }, issuerIn(issuer), {
    access,
    admin,
    tokenTtl: token_ttl,
    siblings: siblings.map(policyIn),
  })
}

const writtenIn = ({ members }: Wanted): WrittenPolicy => {
  const { subject, match, conditions, cel, state } = members as unknown as WrittenPolicy
  return { subject, match, conditions, cel, state }
}

/** Known by its path until it is kept. */
const policyIn = (wanted: Wanted): TrustPolicy => ({
  id: wanted.path,
  name: wanted.name,
  version: 0,
  createdAt: 0,
  updatedAt: 0,
  managedBy: null,
  orgId: '',
  accountId: wanted.under ?? '',
  issuerId: String(wanted.members.issuer),
  ...writtenIn(wanted),
})

const issuerIn = ({ members }: Wanted | There) => {
  const { single_use: singleUse, ...same } = members as unknown as Registration & { single_use: boolean }
  return { ...same, singleUse }
}

/** Members that make what has them judged anew (admin/policies.ts, admin/issuers.ts). */
const judged: Partial<Record<Wanted['kind'], readonly string[]>> = {
  issuer: ['audiences', 'algorithms', 'single_use', 'users', 'jwks', 'jwks_uri', 'preset'],
  trust_policy: ['issuer', 'subject', 'match', 'conditions', 'cel'],
}

/** Of what is made or changed: an error that nobody gave a reason for. */
export function refusedBy({ steps }: Plan, findings: readonly FileFinding[]): Fault[] {
  const errors = Map.groupBy(
    findings.filter(({ severity }) => severity === 'error'),
    ({ path }) => path,
  )
  return steps.flatMap((step) => {
    const { change, wanted } = step
    if (widens(step) && wanted?.reason === undefined) return refusedAccount(change.path, errors)
    const after = change.after ?? {}
    const goesLive = change.action === 'update' && after.state === 'live'
    const isJudged = change.action === 'create' || goesLive || judged[change.kind]?.some((member) => member in after)
    if (!wanted || wanted.reason !== undefined || change.action === 'delete' || !isJudged) return []
    return (errors.get(change.path) ?? []).map(({ rule, message }) => ({
      path: placeInFile(change.path),
      message: `${rule}: ${message}: mend it, or give an override_reason`,
    }))
  })
}

/** As by hand, it is of the account that somebody has to say why it may write. */
const refusedAccount = (account: string, errors: ReadonlyMap<string, readonly FileFinding[]>): Fault[] =>
  [...errors].flatMap(([path, findings]) =>
    path.startsWith(`${account}/`)
      ? findings.map(({ rule, message }) => ({
          path: [...placeInFile(account), 'access'],
          message: `${rule}: ${path}: ${message}: mend it, or give the account an override_reason`,
        }))
      : [],
  )
