/** What there is to lint in a file: a policy, a list of policies, or an organization with its issuers and teams. */
import { parse } from 'yaml'
import type { Json, JsonObject } from '../protocol/json.ts'
import { subjectAlgorithms } from '../protocol/oauth.ts'
import type { AccountAsJudged, JudgedIssuer, JudgedPolicy } from '../server/admin/judging.ts'
import { lintBody } from '../server/http/api/schemas/lint.ts'
import { overrideReason } from '../server/http/api/schemas/parts.ts'
import type { Registration } from '../server/issuers/model.ts'
import type { TrustPolicy } from '../server/trust/policy.ts'
import { misuse } from './failure.ts'

type WrittenIssuer = Pick<
  Registration,
  'issuer' | 'preset' | 'audiences' | 'algorithms' | 'singleUse' | 'users' | 'jwks'
>
/** `at`: where it stands in the file. `overridden`: somebody has said there why it is right. */
export type LintCase = { at: string; overridden: boolean } & (
  | { policy: { written: JudgedPolicy; issuer: JudgedIssuer; account: AccountAsJudged }; issuer?: undefined }
  | { issuer: WrittenIssuer; policy?: undefined }
)
type Issuers = ReadonlyMap<string, WrittenIssuer>

/** Throws Failure naming the place when the file is none of those. */
export function lintCases(text: string, file: string, preset: string | undefined): LintCase[] {
  const value = readFile(text, file)
  if (Array.isArray(value)) return value.flatMap((one, i) => policiesIn(one, `${i}`, new Map(), preset))
  const isOrganization = ['issuers', 'teams'].some((member) => isObject(value) && member in value)
  if (!isObject(value) || !isOrganization) return policiesIn(value, '', new Map(), preset)
  const issuers = new Map(
    members(value.issuers, 'issuers').map(([at, name, one]) => [name, { at, ...issuerOf(one, at) }]),
  )
  const written: LintCase[] = [...issuers.values()].map(({ at, overridden, ...issuer }) => ({ at, overridden, issuer }))
  const policies = members(value.teams, 'teams').flatMap(([at, , team]) =>
    members(team.service_accounts, `${at}.service_accounts`).flatMap(([below, , account]) =>
      policiesIn(account, below, issuers, preset),
    ),
  )
  return [...written, ...policies]
}

function readFile(text: string, file: string): Json {
  try {
    return parse(text, { strict: true, maxAliasCount: 0 }) as Json
  } catch (error) {
    throw misuse(`${file}: ${(error as Error).message.split('\n')[0]}`)
  }
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Of a map by name, or of a list of objects with names. */
function members(value: Json | undefined, at: string): [at: string, name: string, one: JsonObject][] {
  if (value === undefined || value === null) return []
  const entries: [string, Json][] = Array.isArray(value)
    ? value.map((one, i) => [isObject(one) && typeof one.name === 'string' ? one.name : String(i), one])
    : Object.entries(isObject(value) ? value : { '': value })
  return entries.map(([name, one]) => {
    const place = name === '' ? at : `${at}.${name}`
    if (!isObject(one)) throw misuse(`${place}: must have members`)
    return [place, name, one]
  })
}

function issuerOf(one: JsonObject, at: string): WrittenIssuer & { overridden: boolean } {
  if (typeof one.issuer !== 'string') throw misuse(`${at}.issuer: must be the URL of the issuer`)
  const listOf = (value: Json | undefined, byItself: readonly string[]) =>
    Array.isArray(value) ? value.map(String) : byItself
  return {
    issuer: one.issuer,
    preset: typeof one.preset === 'string' ? one.preset : null,
    audiences: listOf(one.audiences, []),
    algorithms: listOf(one.algorithms, subjectAlgorithms) as WrittenIssuer['algorithms'],
    singleUse: one.single_use === true,
    users: one.users === true,
    jwks: one.jwks ? { keys: [] } : null,
    overridden: isOverridden(one),
  }
}

const isOverridden = (one: JsonObject) => overrideReason.safeParse(one.override_reason).success

/** A policy by itself, or an account with one (`trust`) or some (`trust_policies`). */
function policiesIn(one: Json, at: string, issuers: Issuers, preset: string | undefined): LintCase[] {
  if (!isObject(one)) throw misuse(`${at || 'the file'}: is no policy, no list of policies and no organization`)
  const below = (name: string) => (at === '' ? name : `${at}.${name}`)
  const account: AccountAsJudged = {
    access: one.access === 'read' ? 'read' : 'write',
    admin: one.admin === true,
    tokenTtl: typeof one.token_ttl === 'number' ? one.token_ttl : 900,
  }
  if ('subject' in one) return [policyOf(one, at, issuers, preset, account)]
  const own = isObject(one.trust) ? [[below('trust'), '', one.trust] as const] : []
  const all = [...own, ...members(one.trust_policies, below('trust_policies'))]
  if (all.length === 0 && issuers.size === 0 && one.method === undefined)
    throw misuse(`${at || 'the file'}: has no subject, so it is no policy`)
  const made = all.map(([place, , policy]) => policyOf(policy, place, issuers, preset, account))
  const named = made.map(({ at, policy }) => ({ name: at, id: at, ...policy }))
  return made.map((one) => {
    const siblings = named.filter(({ issuer }) => issuer?.issuer === one.policy.issuer.issuer)
    const others = siblings.map(({ name, id, written }) => ({ ...written, name, id })) as unknown as TrustPolicy[]
    return { ...one, policy: { ...one.policy, account: { ...account, siblings: others } } }
  })
}

function policyOf(one: JsonObject, at: string, issuers: Issuers, preset: string | undefined, account: AccountAsJudged) {
  const { name: _, override_reason: __, ...asked } = one
  const read = lintBody.safeParse(asked)
  if (!read.success) {
    const [issue] = read.error.issues
    const place = [at, ...(issue?.path ?? [])].filter((part) => part !== '').join('.')
    throw misuse(`${place || 'the file'}: ${issue?.message}`)
  }
  const { issuer, preset: own, service_account: ___, ...written } = read.data
  const known = issuers.get(issuer)
  if (issuers.size > 0 && !known && !issuer.includes('://'))
    throw misuse(`${at}.issuer: no issuer of the file is called ${issuer}`)
  const judged: JudgedIssuer = known ?? { issuer, preset: own ?? preset ?? null, audiences: [] }
  return {
    at: at || 'policy',
    overridden: isOverridden(one),
    policy: { written: { ...written, id: at }, issuer: judged, account },
  }
}
