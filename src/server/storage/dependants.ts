/** Whom an issuer stands behind. Policies are looked at in windows, with a turn for others behind each. */
import { setImmediate as soon } from 'node:timers/promises'
import { sql } from 'kysely'
import type { DependantLookups } from '../trust/store.ts'
import type { Database } from './database.ts'

/** A few milliseconds of work, since questions are answered in place. */
const fewPolicies = 1_000

type Counted = { policies: number; lastUsedAt: number }

export function dependantLookups(db: Database): DependantLookups {
  const page = (issuerId: string, after: { match: string; id: string }) =>
    db
      .selectFrom('trust_policies as p')
      .innerJoin('service_accounts as s', 's.id', 'p.account_id')
      .where('p.issuer_id', '=', issuerId)
      // In the order of the index.
      .where(sql<boolean>`(p.match, p.id) > (${after.match}, ${after.id})`)
      .orderBy('p.match')
      .orderBy('p.id')
      .limit(fewPolicies)
      .select(['p.match', 'p.id', 'p.account_id as accountId', 's.last_used_at as lastUsedAt'])
      .execute()

  async function counted(issuerId: string): Promise<Map<string, Counted>> {
    const accounts = new Map<string, Counted>()
    for (let after = { match: '', id: '' }; ; await soon()) {
      const rows = await page(issuerId, after)
      for (const { accountId, lastUsedAt } of rows) {
        const one = accounts.get(accountId) ?? { policies: 0, lastUsedAt: lastUsedAt ?? 0 }
        one.policies++
        accounts.set(accountId, one)
      }
      const last = rows.at(-1)
      if (!last || rows.length < fewPolicies) return accounts
      after = last
    }
  }

  return {
    async dependants(issuerId, most) {
      const accounts = await counted(issuerId)
      const policies = [...accounts.values()].reduce((sum, one) => sum + one.policies, 0)
      const listed = [...accounts]
        .sort(([a, one], [b, other]) => other.lastUsedAt - one.lastUsedAt || (a < b ? -1 : 1))
        .slice(0, most)
        .map(([id]) => id)
      if (listed.length === 0) return { policies, accounts: accounts.size, items: [] }
      const rows = await db
        .selectFrom('service_accounts as s')
        .innerJoin('teams as t', 't.id', 's.team_id')
        .where('s.id', 'in', listed)
        .select(['s.id', 's.name', 't.name as team', 's.enabled', 's.last_used_at as lastUsedAt'])
        .execute()
      const known = new Map(rows.map((row) => [row.id, row]))
      // One that went meanwhile depends on nobody.
      const items = listed.flatMap((id) => {
        const row = known.get(id)
        return row ? [{ ...row, enabled: row.enabled === 1, policies: accounts.get(id)?.policies ?? 0 }] : []
      })
      return { policies, accounts: accounts.size, items }
    },
  }
}
