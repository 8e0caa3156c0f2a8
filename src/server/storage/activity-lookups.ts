/** When accounts were used, and what keys they have: many at once. */
import { hourOf } from '../accounts/activity.ts'
import type { AccountActivity } from '../accounts/store.ts'
import type { HeldPolicies } from '../admin/store.ts'
import type { Database } from './database.ts'
import { keys, policies, serviceAccounts } from './nouns.ts'

export function activityLookups(db: Database): AccountActivity & HeldPolicies {
  return {
    async touchAccounts(ids, now) {
      if (ids.length === 0) return
      await db
        .updateTable('service_accounts')
        .set({ last_used_at: now })
        .where('id', 'in', ids)
        .where((e) => e.or([e('last_used_at', 'is', null), e('last_used_at', '<', hourOf(now))]))
        .execute()
    },

    async accounts(orgId, ids) {
      if (ids.length === 0) return []
      const rows = await db
        .selectFrom('service_accounts')
        .selectAll()
        .where('id', 'in', ids)
        .where('org_id', '=', orgId)
        .execute()
      return rows.map((row) => serviceAccounts.object(row))
    },

    async keysHeldBy(orgId, ownerIds) {
      if (ownerIds.length === 0) return []
      const held = db.selectFrom('api_keys').selectAll().where('org_id', '=', orgId)
      const rows = await held
        .where('owner_type', 'in', ['user', 'service_account'])
        .where('owner_id', 'in', ownerIds)
        .orderBy('owner_id')
        .orderBy('id')
        .execute()
      return rows.map((row) => keys.object(row))
    },

    async policiesHeldBy(orgId, accountIds) {
      if (accountIds.length === 0) return []
      const held = db.selectFrom('trust_policies').selectAll().where('org_id', '=', orgId)
      const rows = await held.where('account_id', 'in', accountIds).orderBy('account_id').orderBy('id').execute()
      return rows.map((row) => policies.object(row))
    },

    async keysOfAccounts(ids, now) {
      if (ids.length === 0) return new Map()
      const rows = await db
        .selectFrom('api_keys')
        .where('service_account_id', 'in', ids)
        .where((e) => e.or([e('expires_at', 'is', null), e('expires_at', '>', now)]))
        .select(['service_account_id as id', (e) => e.fn.countAll<number>().as('active')])
        .select((e) => [e.fn.count<number>('expires_at').as('expiring'), e.fn.min('expires_at').as('next')])
        .groupBy('service_account_id')
        .execute()
      return new Map(
        rows.map(({ id, active, expiring, next }) => [
          id as string,
          {
            active: Number(active),
            nextExpiry: next === null ? null : Number(next),
            neverExpire: Number(active) - Number(expiring),
          },
        ]),
      )
    },
  }
}
