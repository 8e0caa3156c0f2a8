/** Which part of an organization's trail a question is about, and whether the caller may have it. */
import { isId } from '../../../protocol/ids.ts'
import { auditedTeams, type Caller } from '../../access/authority.ts'
import type { Organization } from '../../accounts/model.ts'
import type { AskedAccount, TrailQuery } from '../../audit/store.ts'
import { Refusal } from '../../errors/refusal.ts'
import type { Rooms } from './route.ts'

type Asked = { team?: string | undefined; service_account?: string | undefined; issuer?: string | undefined }
export type TrailScope = Pick<TrailQuery, 'orgId' | 'teamIds' | 'account' | 'issuer'>

/**
 * Throws Refusal('not_found') for the name of a team or an issuer that is not there; a team's id may be that of one that is
 * no more, and so may an issuer's URL.
 */
export async function trailScope(
  { reading }: Pick<Rooms, 'reading'>,
  { id: orgId }: Pick<Organization, 'id'>,
  caller: Caller,
  { team, service_account, issuer }: Asked,
): Promise<TrailScope> {
  const own = auditedTeams(caller)
  const asked = team === undefined ? undefined : await teamIdOf(reading, orgId, team)
  const teamIds = asked === undefined ? own : own === 'all' || own.includes(asked) ? [asked] : []
  const account = service_account === undefined ? undefined : await accountOf(reading, orgId, service_account)
  const url = issuer === undefined ? undefined : await issuerUrlOf(reading, orgId, issuer)
  return {
    orgId,
    ...(teamIds === 'all' ? {} : { teamIds }),
    ...(account ? { account } : {}),
    ...(url === undefined ? {} : { issuer: url }),
  }
}

async function teamIdOf({ teams }: Rooms['reading'], orgId: string, team: string): Promise<string> {
  if (isId(team, 'team')) return team
  const found = await teams.find({ orgId }, team)
  if (!found) throw new Refusal('not_found')
  return found.id
}

async function issuerUrlOf({ issuers }: Rooms['reading'], orgId: string, issuer: string): Promise<string> {
  if (issuer.includes('://')) return issuer
  const found = await issuers.find({ orgId }, issuer)
  if (!found) throw new Refusal('not_found')
  return found.issuer
}

/** With what it is asked for by else, as long as it is there. */
async function accountOf({ lookups }: Rooms['reading'], orgId: string, id: string): Promise<AskedAccount> {
  const found = await lookups.account(id)
  return found?.account.orgId === orgId ? { id, name: `${found.team}/${found.account.name}` } : { id }
}
