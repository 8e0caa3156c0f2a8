import { sql } from 'kysely'
import type { StoredLookups } from '../admin/store.ts'
import { activityLookups } from './activity-lookups.ts'
import { columnsOf } from './columns-of.ts'
import type { Database } from './database.ts'
import { dependantLookups } from './dependants.ts'
import { issuers, keys, resourceServers, serviceAccounts, users } from './nouns.ts'
import { policyLookups } from './policy-lookups.ts'
import { prepared } from './prepared.ts'
import { projectLookups } from './project-lookups.ts'

function fitting(db: Database): StoredLookups['fitting'] {
  const ofCount = (count: number) =>
    prepared(db, (from, args: Record<string, string>) =>
      from
        .selectFrom('issuer_audiences as a')
        .innerJoin('issuers as i', 'i.id', 'a.issuer_id')
        .where('a.issuer_url', '=', args.issuer as string)
        .where(
          'a.audience',
          'in',
          Array.from({ length: count }, (_, i) => args[i] as string),
        )
        .select(['i.id', 'i.org_id as orgId'])
        .orderBy('i.id')
        .distinct(),
    )
  const asks = new Map<number, ReturnType<typeof ofCount>>()

  return async (issuer, audiences) => {
    if (audiences.length === 0) return []
    const ask = asks.get(audiences.length) ?? ofCount(audiences.length)
    asks.set(audiences.length, ask)
    return ask({ ...Object.fromEntries(audiences.entries()), issuer })
  }
}

function registration(db: Database): StoredLookups['registration'] {
  const ask = prepared(db, (from, args: { id: string }) =>
    from
      .selectFrom('issuers as i')
      .innerJoin('organizations as o', 'o.id', 'i.org_id')
      .where('i.id', '=', args.id)
      .select('o.name as org')
      .select(columnsOf(issuers, 'i')),
  )
  return async (id) => {
    const [row] = await ask({ id })
    return row && { registration: issuers.object(row, 'i_'), org: row.org }
  }
}

/** The holder of a key is one of three; the others' columns are empty. */
function keyHolder(db: Database): StoredLookups['keyHolder'] {
  const ask = prepared(db, (from, args: { digest: string }) =>
    from
      .selectFrom('api_keys as k')
      .innerJoin('organizations as o', 'o.id', 'k.org_id')
      .leftJoin('users as u', 'u.id', 'k.user_id')
      .leftJoin('service_accounts as s', 's.id', 'k.service_account_id')
      .leftJoin('teams as t', (join) => join.on('t.id', '=', sql`coalesce(s.team_id, s.default_team_id)`))
      .leftJoin('resource_servers as r', 'r.id', 'k.resource_server_id')
      .where('k.digest', '=', args.digest)
      .select(['o.name as org', 't.name as team'])
      .select([...columnsOf(keys, 'k'), ...columnsOf(users, 'u')])
      .select([...columnsOf(serviceAccounts, 's'), ...columnsOf(resourceServers, 'r')]),
  )
  return async (digest) => {
    const [row] = await ask({ digest })
    if (!row) return undefined
    return {
      key: keys.object(row, 'k_'),
      org: row.org,
      ...(row.u_id ? { user: users.object(row, 'u_') } : {}),
      ...(row.s_id ? { account: { ...serviceAccounts.object(row, 's_'), team: row.team ?? '' } } : {}),
      ...(row.r_id ? { resourceServer: resourceServers.object(row, 'r_') } : {}),
    }
  }
}

function account(db: Database): StoredLookups['account'] {
  const ask = prepared(db, (from, args: { id: string }) =>
    from
      .selectFrom('service_accounts as s')
      .innerJoin('organizations as o', 'o.id', 's.org_id')
      .innerJoin('teams as t', (join) => join.on('t.id', '=', sql`coalesce(s.team_id, s.default_team_id)`))
      .where('s.id', '=', args.id)
      .select(['o.name as org', 't.name as team'])
      .select(columnsOf(serviceAccounts, 's')),
  )
  return async (id) => {
    const [row] = await ask({ id })
    return row && { account: serviceAccounts.object(row, 's_'), org: row.org, team: row.team }
  }
}

function user(db: Database): StoredLookups['user'] {
  const ask = prepared(db, (from, args: { id: string }) =>
    from
      .selectFrom('users as u')
      .innerJoin('organizations as o', 'o.id', 'u.org_id')
      .where('u.id', '=', args.id)
      .select('o.name as org')
      .select(columnsOf(users, 'u')),
  )
  return async (id) => {
    const [row] = await ask({ id })
    return row && { user: users.object(row, 'u_'), org: row.org }
  }
}

export function lookups(db: Database): StoredLookups {
  const known = prepared(db, (from, args: { issuer: string }) =>
    from.selectFrom('issuers').select('id').where('issuer', '=', args.issuer).where('enabled', '=', 1).limit(1),
  )
  const named = prepared(db, (from, args: { orgId: string; name: string }) =>
    from
      .selectFrom('users as u')
      .where('u.org_id', '=', args.orgId)
      .where((e) => e.or([e('u.name', '=', args.name), e('u.email_lower', '=', args.name)]))
      .select(columnsOf(users, 'u'))
      .limit(2),
  )
  const servers = prepared(db, (from, args: { orgId: string; audience: string }) =>
    from
      .selectFrom('resource_servers as r')
      .where('r.org_id', '=', args.orgId)
      .where('r.audience', '=', args.audience)
      .select(columnsOf(resourceServers, 'r')),
  )

  return {
    ...projectLookups(db),
    fitting: fitting(db),
    registration: registration(db),
    audienceHolder: (audience) =>
      db
        .selectFrom('issuer_audiences as a')
        .innerJoin('issuers as i', 'i.id', 'a.issuer_id')
        .innerJoin('organizations as o', 'o.id', 'i.org_id')
        .where('a.audience', '=', audience)
        .select(['i.name as issuer', 'o.name as org'])
        .limit(1)
        .executeTakeFirst(),
    issuerKnown: async (issuer) => (await known({ issuer })).length > 0,
    ...policyLookups(db),
    keyHolder: keyHolder(db),
    account: account(db),
    user: user(db),
    async usersNamed(orgId, name) {
      const rows = await named({ orgId, name: name.toLowerCase() })
      return rows.map((row) => users.object(row, 'u_'))
    },
    async resourceServers(orgId, audience) {
      const [row] = await servers({ orgId, audience })
      return row && resourceServers.object(row, 'r_')
    },
    ...activityLookups(db),
    ...dependantLookups(db),
    async touchKey(id, now) {
      await db.updateTable('api_keys').set({ last_used_at: now }).where('id', '=', id).execute()
    },
  }
}
