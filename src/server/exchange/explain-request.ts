/** What an admin asks to have explained: a token that they show, or an exchange that is on record. */
import { isId } from '../../protocol/ids.ts'
import type { Failures } from '../accounts/failures.ts'
import type { Organization } from '../accounts/model.ts'
import { registered } from '../admin/policies.ts'
import { eventOf } from '../audit/chain.ts'
import { type FieldError, Refusal } from '../errors/refusal.ts'
import type { Storage, Stores } from '../storage/storage.ts'
import { loadCel } from '../trust/cel.ts'
import { compilePolicy } from '../trust/compile.ts'
import type { CandidateAccount, WrittenPolicy } from '../trust/policy.ts'
import type { ExplainAsk, ExplainToken } from './explain.ts'
import type { Tried } from './explain-candidates.ts'
import type { Source } from './explain-source.ts'
import type { Explained } from './explained.ts'
import { exchangeOnRecord } from './on-record.ts'
import { trimmed } from './parse.ts'
import { recordedToken } from './recorded-token.ts'

/** A policy as a body has it. `issuer`: name or id; `serviceAccount`: id or `team/name`. */
export type TriedPolicy = WrittenPolicy & { name?: string | undefined; issuer: string; serviceAccount: string }
export type ExplainRequest = Pick<ExplainAsk, 'scope' | 'targets' | 'requestedTtl' | 'serviceAccount'> & {
  proof: { kind: 'token'; token: string } | { kind: 'recorded'; requestId: string }
  policy?: TriedPolicy
}
type Org = Pick<Organization, 'id' | 'name'>
/** `teams`: whose policies and events the caller may read. Throws Refusal: not_found, body_invalid, rate_limited. */
export type Explain = (request: ExplainRequest, org: Org, teams: ExplainAsk['teams']) => Promise<Explained>

type Needs = {
  explainToken: ExplainToken
  pasted: (token: string) => Source
  reading: Storage['reading']
  /** By organization, good ones too: each costs as much as an exchange, and goes through the policies. */
  failures: Failures
}

export function createExplain({ explainToken, pasted, reading, failures }: Needs): Explain {
  const recorded = async (requestId: string, { id: orgId }: Org, teams: ExplainAsk['teams'], asks: boolean) => {
    const entry = await exchangeOnRecord(reading.trail, orgId, requestId, teams)
    if (!entry)
      throw new Refusal('not_found', { says: 'no exchange with this request id is on record here, or not for you' })
    const event = eventOf(entry)
    const source = recordedToken(event, asks)
    const { requested_service_account: asked } = event.detail
    if (source) return { source, ...(typeof asked === 'string' ? { asked } : {}) }
    throw invalid('request_id', 'this request showed an API key; there is no subject token to explain')
  }
  return async (request, org, teams) => {
    if (await failures.count(`explain ${org.id}`))
      throw new Refusal('rate_limited', {
        says: 'more was explained to this organization in a minute than LIMIT_FAILED_PER_MINUTE; try again later',
      })
    const { proof, policy, ...asked } = request
    const tried = policy && (await triedPolicy(reading, policy, org, teams))
    const ask = { ...asked, org, teams, ...(tried ? { tried } : {}) }
    if (proof.kind === 'token') {
      const token = trimmed(proof.token)
      return explainToken(() => pasted(token), ask)
    }
    const asks = asked.scope !== undefined || asked.targets.length > 0
    const { source, asked: then } = await recorded(proof.requestId, org, teams, asks)
    // The account that was asked for then, unless another is now.
    return explainToken(() => source, { ...(then === undefined ? {} : { serviceAccount: then }), ...ask })
  }
}

const invalid = (path: string, message: string) => new Refusal('body_invalid', { errors: [{ path, message }] })

async function triedPolicy(
  stores: Stores,
  { name, issuer, serviceAccount, ...written }: TriedPolicy,
  org: Org,
  teams: ExplainAsk['teams'],
): Promise<Tried> {
  const registration = await registered({ stores }, org.id, issuer).catch((error: unknown) => {
    throw below('policy', error)
  })
  const account = await accountNamed(stores, org.id, serviceAccount)
  if (!account || (teams !== 'all' && !teams.includes(account.teamId)))
    throw invalid(
      'policy.service_account',
      'no External account of the organization has this id or team/name, or not for you',
    )
  const policy = { ...written, state: 'draft' as const, id: '', name: name ?? '', issuerId: registration.id }
  const made = compilePolicy(policy, policy.cel === null ? undefined : await loadCel())
  if (!made.ok)
    throw below('policy', new Refusal('body_invalid', { errors: made.faults satisfies readonly FieldError[] }))
  return { candidate: { policy: made.policy, account }, issuer: registration.issuer, name: name ?? null }
}

/** What is wrong with a member of the body, told by its path from the top. */
function below(path: string, error: unknown): unknown {
  if (!(error instanceof Refusal) || !error.errors) return error
  const errors = error.errors.map((one) => ({ ...one, path: `${path}.${one.path}` }))
  return new Refusal(error.reason, { says: error.says, errors })
}

async function accountNamed(stores: Stores, orgId: string, named: string): Promise<CandidateAccount | undefined> {
  const id = isId(named, 'sa') ? named : await accountId(stores, orgId, named)
  const found = id === undefined ? undefined : await stores.lookups.account(id)
  if (found?.account.orgId !== orgId || found.account.method !== 'federated' || found.account.teamId === null)
    return undefined
  const { account, org, team } = found
  const { name, enabled, access, tokenTtl, dpopBound, teamId } = account
  return { id: account.id, name, enabled, access, tokenTtl, dpopBound, orgId, org, teamId: teamId as string, team }
}

async function accountId(stores: Stores, orgId: string, named: string): Promise<string | undefined> {
  const [team = '', name, ...more] = named.split('/')
  if (name === undefined || more.length > 0) return undefined
  const found = await stores.teams.find({ orgId }, team)
  return found && (await stores.serviceAccounts.find({ orgId, teamId: found.id }, name))?.id
}
