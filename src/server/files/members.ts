/**
 * Every object by its path (`teams/ml/service-accounts/trainer`), with its members in the wire's names: as a file wants
 * it, and as it is. What the two have in common is what can be compared.
 */
import type { Json, JsonObject } from '../../protocol/json.ts'
import { byItself } from '../admin/issuers.ts'
import { ownAudiences } from '../admin/own-audiences.ts'
import { bareJwk } from '../issuers/jwk.ts'
import type { Jwk } from '../issuers/model.ts'
import type { Presets } from '../trust/preset-of.ts'
import type { FilePolicy, OrganizationDocument, WrittenIssuer } from './document.ts'
import type { Rows } from './rows.ts'

export const kinds = ['issuer', 'team', 'project', 'service_account', 'trust_policy', 'resource_server'] as const
export type Kind = (typeof kinds)[number]

/** `under`: the path of what it belongs to. `reason`: why it is right although lint calls it an error. */
export type Wanted = {
  kind: Kind
  path: string
  name: string
  under?: string
  members: JsonObject
  reason?: string | undefined
}
export type There = Wanted & { id: string; managedBy: string | null; row: Rows[keyof Rows][number] }

/** What defaults depend on. */
export type Surroundings = { org: { id: string; name: string }; publicUrl: string; presets: Presets }

const json = (value: unknown): JsonObject => value as JsonObject

export function wantedIn(document: OrganizationDocument, around: Surroundings): Map<string, Wanted> {
  const wanted = new Map<string, Wanted>()
  const add = (kind: Kind, under: string, collection: string, name: string, members: JsonObject, reason?: string) => {
    const path = `${under === '' ? '' : `${under}/`}${collection}/${name}`
    wanted.set(path, { kind, path, name, members, ...(under === '' ? {} : { under }), ...(reason ? { reason } : {}) })
    return path
  }
  for (const [name, issuer] of Object.entries(document.issuers))
    add('issuer', '', 'issuers', name, issuerMembers(issuer, around), issuer.override_reason)
  for (const [name, { display_name, projects, service_accounts }] of Object.entries(document.teams)) {
    const team = add('team', '', 'teams', name, { display_name: display_name ?? null })
    for (const [name, { visibility }] of Object.entries(projects))
      add('project', team, 'projects', name, { visibility })
    for (const [name, { trust_policies, description, override_reason, ...members }] of Object.entries(
      service_accounts,
    )) {
      const account = add(
        'service_account',
        team,
        'service-accounts',
        name,
        {
          ...members,
          description: description ?? null,
        },
        override_reason,
      )
      for (const [name, policy] of Object.entries(trust_policies))
        add('trust_policy', account, 'trust-policies', name, policyMembers(policy), policy.override_reason)
    }
  }
  for (const [name, { description, ...members }] of Object.entries(document.service_accounts))
    add('service_account', '', 'service-accounts', name, {
      method: 'api_key',
      ...members,
      description: description ?? null,
    })
  for (const [name, { audience }] of Object.entries(document.resource_servers))
    add('resource_server', '', 'resource-servers', name, { audience })
  return wanted
}

export function issuerMembers(written: WrittenIssuer, { org, publicUrl, presets }: Surroundings): JsonObject {
  const { override_reason: _, jwks, jwks_uri, preset, max_token_age, audiences, ...members } = written
  const own = preset === null ? { ...byItself(presets, ''), preset } : byItself(presets, written.issuer, preset)
  return json({
    ...members,
    audiences: [...new Set(audiences ?? ownAudiences(org, publicUrl))],
    jwks_uri: jwks_uri ?? null,
    jwks: jwks ? { keys: jwks.keys.map((key) => bareJwk(key as Jwk)) } : null,
    max_token_age: max_token_age ?? own.maxTokenAge,
    preset: own.preset,
  })
}

const policyMembers = ({ override_reason: _, cel, ...members }: FilePolicy): JsonObject =>
  json({ ...members, cel: cel ?? null })

/** Without the projects of which only the name is left. */
export function thereIn(rows: Rows): Map<string, There> {
  const there = new Map<string, There>()
  const paths = new Map<string, string>()
  const add = (kind: Kind, under: string, collection: string, row: There['row'], members: JsonObject) => {
    const path = `${under === '' ? '' : `${under}/`}${collection}/${row.name}`
    paths.set(row.id, path)
    const { id, name, managedBy } = row
    there.set(path, { kind, path, name, members, id, managedBy, row, ...(under === '' ? {} : { under }) })
  }
  const pathOf = (id: string | null) => (id === null ? '' : (paths.get(id) ?? ''))
  const issuerName = namesOf(rows.issuers)
  const teamName = namesOf(rows.teams)
  for (const row of rows.issuers)
    add('issuer', '', 'issuers', row, {
      issuer: row.issuer,
      audiences: row.audiences,
      jwks_uri: row.jwksUri,
      jwks: row.jwks as Json,
      algorithms: row.algorithms,
      clock_tolerance: row.clockTolerance,
      max_token_age: row.maxTokenAge,
      single_use: row.singleUse,
      single_use_grace: row.singleUseGrace,
      bound_lifetime: row.boundLifetime,
      extra_audiences: row.extraAudiences,
      users: row.users,
      user_claim: row.userClaim,
      enabled: row.enabled,
      preset: row.preset,
    })
  for (const row of rows.teams) add('team', '', 'teams', row, { display_name: row.displayName })
  for (const row of rows.projects)
    if (row.deletedAt === null) add('project', pathOf(row.teamId), 'projects', row, { visibility: row.visibility })
  for (const row of rows.serviceAccounts)
    add('service_account', pathOf(row.teamId), 'service-accounts', row, {
      method: row.method,
      ...(row.defaultTeamId === null ? {} : { default_team: teamName(row.defaultTeamId) }),
      access: row.access,
      admin: row.admin,
      token_ttl: row.tokenTtl,
      dpop_bound_access_tokens: row.dpopBound,
      description: row.description,
      enabled: row.enabled,
    })
  for (const { conditions, ...row } of rows.policies)
    add(
      'trust_policy',
      pathOf(row.accountId),
      'trust-policies',
      { ...row, conditions },
      {
        issuer: issuerName(row.issuerId),
        subject: row.subject,
        match: row.match,
        conditions: conditions as unknown as Json,
        cel: row.cel,
        state: row.state,
      },
    )
  for (const row of rows.resourceServers)
    add('resource_server', '', 'resource-servers', row, { audience: row.audience })
  return there
}

export function namesOf(rows: readonly { id: string; name: string }[]): (id: string) => string {
  const names = new Map(rows.map(({ id, name }) => [id, name]))
  return (id) => names.get(id) ?? id
}

/** Alike whatever the order of the members. */
export const isSame = (one: Json | undefined, other: Json | undefined): boolean => sorted(one) === sorted(other)

/** One text for all that is alike. */
export const sorted = (value: Json | undefined): string =>
  JSON.stringify(value ?? null, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )

/** Where a file has what a path names: `teams/ml/service-accounts/x` is at teams, ml, service_accounts, x. */
export const placeInFile = (path: string): string[] =>
  path.split('/').map((part, i) => (i % 2 === 0 ? part.replace('-', '_') : part))
