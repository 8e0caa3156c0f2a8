/** What a plan would have made of the exchanges on record: all changes of it together. */
import type { Team } from '../../accounts/model.ts'
import { changeOf } from '../../exchange/replay/change.ts'
import type { Change, Replay } from '../../exchange/replay/replay.ts'
import { shownReplay } from '../../exchange/replay/shown.ts'
import { isSame, type There, type Wanted } from '../../files/members.ts'
import type { Plan } from '../../files/plan.ts'
import type { Registration } from '../../issuers/model.ts'
import type { CandidateAccount, TrustPolicy, WrittenPolicy } from '../../trust/policy.ts'

type Org = { id: string; name: string }

/** Null when no policy and no account's enabling changes: nobody gains, nobody loses. Throws Refusal('too_many_replays'). */
export async function replayOf(plan: Plan, replay: Replay, org: Org, days: number) {
  const { wanted, there, goes } = plan
  const paths = new Set([...there.keys(), ...wanted.keys()].filter((path) => path.includes('/trust-policies/')))
  const changes: Change[] = []
  const registrations = new Map<string, Registration>()
  for (const path of paths) {
    const was = there.get(path)
    const becomes = wanted.get(path) ?? (goes.has(path) ? undefined : was)
    const accounts = [was?.under, becomes?.under].map((under) => under ?? '')
    const before = was && accountOf(there.get(accounts[0] as string), was, org)
    const after =
      becomes && accountOf(wanted.get(accounts[1] as string) ?? there.get(accounts[1] as string), becomes, org)
    if (was && becomes && isSame(was.members, becomes.members) && before?.enabled === after?.enabled) continue
    const at = becomes && registrationOf(there, becomes)
    const from = was && registrationOf(there, was)
    // Of an issuer that is new there is nothing on record.
    for (const row of [at, from]) if (row) registrations.set(row.id, row)
    const written = becomes && at && { ...writtenOf(becomes), id: was?.id ?? path, name: becomes.name, issuerId: at.id }
    const account = after ?? before
    if (account && (from || at))
      changes.push(...(await sides(was?.row as TrustPolicy | undefined, written, { before, after })))
  }
  if (changes.length === 0) return null
  const found = { orgId: org.id, changes, registrations: [...registrations.values()], days, sight: 'all' as const }
  return shownReplay(await replay(found))
}

type Written = NonNullable<Parameters<typeof changeOf>[1]>

/** Before and after may lead to an account that is another then. */
async function sides(
  was: TrustPolicy | undefined,
  becomes: Written | undefined,
  { before, after }: { before: CandidateAccount | undefined; after: CandidateAccount | undefined },
): Promise<Change[]> {
  const one = was && before ? await changeOf(was, undefined, before) : {}
  const other = becomes && after ? await changeOf(undefined, becomes, after) : {}
  return [{ ...one, ...other }]
}

type Members = {
  enabled: boolean
  access: CandidateAccount['access']
  token_ttl: number
  dpop_bound_access_tokens: boolean
}

function accountOf(
  account: Wanted | There | undefined,
  { under = '' }: Wanted,
  org: Org,
): CandidateAccount | undefined {
  if (!account) return undefined
  const { enabled, access, token_ttl, dpop_bound_access_tokens } = account.members as unknown as Members
  const team = under.split('/')[1] ?? ''
  const row = 'row' in account ? (account as There) : undefined
  return {
    id: row?.id ?? under,
    name: account.name,
    enabled,
    access,
    tokenTtl: token_ttl,
    dpopBound: dpop_bound_access_tokens,
    orgId: org.id,
    org: org.name,
    teamId: (row?.row as Partial<{ teamId: Team['id'] }> | undefined)?.teamId ?? team,
    team,
  }
}

const registrationOf = (there: Plan['there'], { members }: Wanted) =>
  there.get(`issuers/${members.issuer}`)?.row as Registration | undefined

const writtenOf = ({ members }: Wanted) => {
  const { subject, match, conditions, cel, state } = members as unknown as WrittenPolicy
  return { subject, match, conditions, cel, state }
}
