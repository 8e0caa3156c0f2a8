import type { LoginStore, PendingLogin } from '../admin/store.ts'
import type { Database } from './database.ts'
import { noun } from './noun.ts'
import type { Table } from './schema.ts'

const pending = noun<PendingLogin>('pending_logins', {
  deviceDigest: 'plain',
  userDigest: 'plain',
  clientName: 'plain',
  clientIp: 'plain',
  clientNet: 'plain',
  clientAgent: 'plain',
  startedAt: 'plain',
  expiresAt: 'plain',
  keyLife: 'plain',
  interval: 'plain',
  polledAt: 'plain',
  decision: 'plain',
  decidedAt: 'plain',
  decidedIp: 'plain',
  decidedAgent: 'plain',
  orgId: 'plain',
  userId: 'plain',
  keyId: 'plain',
})

export function logins(db: Database): LoginStore {
  return {
    async start(login) {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('pending_logins')
        .values(pending.row(login) as Table<PendingLogin>)
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirstOrThrow()
      return numInsertedOrUpdatedRows === 1n
    },
    async find(code, now) {
      const [column, digest] =
        'userDigest' in code
          ? (['user_digest', code.userDigest] as const)
          : (['device_digest', code.deviceDigest] as const)
      const row = await db
        .selectFrom('pending_logins')
        .selectAll()
        .where(column, '=', digest)
        .where('expires_at', '>', now)
        .executeTakeFirst()
      return row && pending.object(row)
    },
    async decide(userDigest, decision, now) {
      const { numUpdatedRows } = await db
        .updateTable('pending_logins')
        .set(pending.row(decision))
        .where('user_digest', '=', userDigest)
        .where('decision', '=', 'pending')
        .where('expires_at', '>', now)
        .executeTakeFirstOrThrow()
      return numUpdatedRows === 1n
    },
    async polled(deviceDigest, polledAt, interval) {
      await db
        .updateTable('pending_logins')
        .set(pending.row({ polledAt, interval }))
        .where('device_digest', '=', deviceDigest)
        .execute()
    },
    async remove(deviceDigest) {
      const { numDeletedRows } = await db
        .deleteFrom('pending_logins')
        .where('device_digest', '=', deviceDigest)
        .executeTakeFirstOrThrow()
      return numDeletedRows === 1n
    },
    async count(now, clientNet) {
      let living = db
        .selectFrom('pending_logins')
        .select(({ fn }) => fn.countAll<number>().as('n'))
        .where('expires_at', '>', now)
      if (clientNet !== undefined) living = living.where('client_net', '=', clientNet)
      return Number((await living.executeTakeFirstOrThrow()).n)
    },
    async purge(now) {
      await db.deleteFrom('pending_logins').where('expires_at', '<=', now).execute()
    },
  }
}
