import type { TeamMember } from '../accounts/model.ts'
import type { Members } from '../accounts/store.ts'
import type { Database } from './database.ts'
import { teamMembers as noun } from './nouns.ts'
import { refusing } from './refusals.ts'
import type { Table } from './schema.ts'

export function members(db: Database): Members {
  const select = () => db.selectFrom('team_members').selectAll()

  return {
    async find(teamId, userId) {
      const row = await select().where('team_id', '=', teamId).where('user_id', '=', userId).executeTakeFirst()
      return row && noun.object(row)
    },

    async list(teamId, { limit, after = '' }) {
      const rows = await select()
        .where('team_id', '=', teamId)
        .where('user_id', '>', after)
        .orderBy('user_id')
        .limit(limit + 1)
        .execute()
      const items = rows.slice(0, limit).map((row) => noun.object(row))
      return { items, nextCursor: rows.length > limit ? (items.at(-1)?.userId ?? null) : null }
    },

    async ofUser(userId) {
      const rows = await select().where('user_id', '=', userId).orderBy('team_id').execute()
      return rows.map((row) => noun.object(row))
    },

    /** A member there already gets the role, and keeps the time since when. */
    async save(member) {
      const saved = db
        .insertInto('team_members')
        .values(noun.row(member) as Table<TeamMember>)
        .onConflict((conflict) =>
          conflict.columns(['team_id', 'user_id']).doUpdateSet({ role: member.role, updated_at: member.updatedAt }),
        )
      await refusing('not_found', saved.execute())
    },

    async remove(teamId, userId) {
      await db.deleteFrom('team_members').where('team_id', '=', teamId).where('user_id', '=', userId).execute()
    },
  }
}
