import type { Session, SessionStore } from '../admin/session.ts'
import type { Database } from './database.ts'
import { noun } from './noun.ts'
import { users } from './nouns.ts'
import type { Table } from './schema.ts'

const sessionRows = noun<Session>('sessions', {
  id: 'plain',
  digest: 'plain',
  signedInBy: 'plain',
  principalId: 'plain',
  orgId: 'plain',
  keyId: 'plain',
  proof: 'plain',
  email: 'plain',
  idToken: 'plain',
  createdAt: 'plain',
  lastSeenAt: 'plain',
  expiresAt: 'plain',
  clientIp: 'plain',
  clientAgent: 'plain',
})
/** Ids in one statement, far below any database's limit of parameters. */
const chunk = 500
/** More organizations than anybody could choose from. */
const mostUsers = 200

export function sessions(db: Database): SessionStore {
  const removeThose = async (ids: readonly string[], until: number) => {
    await db
      .deleteFrom('sessions')
      .where('created_at', '<=', until)
      .where((where) => where.or([where('principal_id', 'in', ids), where('key_id', 'in', ids)]))
      .execute()
  }
  return {
    async insert(session) {
      await db
        .insertInto('sessions')
        .values(sessionRows.row(session) as Table<Session>)
        .execute()
    },
    async find(digest, now) {
      const row = await db
        .selectFrom('sessions')
        .selectAll()
        .where('digest', '=', digest)
        .where('expires_at', '>', now)
        .executeTakeFirst()
      return row && sessionRows.object(row)
    },
    async ofPrincipal(principalId, now) {
      const rows = await db
        .selectFrom('sessions')
        .selectAll()
        .where('principal_id', '=', principalId)
        .where('expires_at', '>', now)
        .orderBy('id', 'desc')
        .execute()
      return rows.map((row) => sessionRows.object(row))
    },
    async choose(id, whom) {
      await db.updateTable('sessions').set(sessionRows.row(whom)).where('id', '=', id).execute()
      const row = await db.selectFrom('sessions').selectAll().where('id', '=', id).executeTakeFirst()
      return row && sessionRows.object(row)
    },
    async seen(id, at) {
      await db
        .updateTable('sessions')
        .set({ last_seen_at: at })
        .where('id', '=', id)
        .where('last_seen_at', '<', at)
        .execute()
    },
    async remove(id) {
      const { numDeletedRows } = await db.deleteFrom('sessions').where('id', '=', id).executeTakeFirstOrThrow()
      return numDeletedRows === 1n
    },
    async end(ids, until) {
      if (ids === 'all') {
        await db.deleteFrom('sessions').where('created_at', '<=', until).execute()
        return
      }
      for (let i = 0; i < ids.length; i += chunk) await removeThose(ids.slice(i, i + chunk), until)
    },
    async purge(now) {
      await db.deleteFrom('sessions').where('expires_at', '<=', now).execute()
    },
    async usersOf(email) {
      const found = db.selectFrom('users').selectAll().where('email_lower', '=', email.toLowerCase())
      const rows = await found.orderBy('id').limit(mostUsers).execute()
      return rows.map((row) => users.object(row))
    },
  }
}
