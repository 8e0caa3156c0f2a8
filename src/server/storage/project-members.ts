import type { ProjectMember } from '../accounts/model.ts'
import type { ProjectMembers } from '../accounts/store.ts'
import type { Database } from './database.ts'
import { projectMembers as noun } from './nouns.ts'
import { refusing } from './refusals.ts'
import type { Tables } from './schema.ts'

export function projectMembers(db: Database): ProjectMembers {
  const select = () => db.selectFrom('project_members').selectAll()

  return {
    async find(projectId, principalId) {
      const row = await select()
        .where('project_id', '=', projectId)
        .where('principal_id', '=', principalId)
        .executeTakeFirst()
      return row && noun.object(row)
    },

    async list(projectId, { limit, after = '' }) {
      const rows = await select()
        .where('project_id', '=', projectId)
        .where('principal_id', '>', after)
        .orderBy('principal_id')
        .limit(limit + 1)
        .execute()
      const items = rows.slice(0, limit).map((row) => noun.object(row))
      return { items, nextCursor: rows.length > limit ? (items.at(-1)?.principalId ?? null) : null }
    },

    async among(projectIds, principalId) {
      if (projectIds.length === 0) return new Set()
      const rows = await db
        .selectFrom('project_members')
        .select('project_id')
        .where('project_id', 'in', projectIds)
        .where('principal_id', '=', principalId)
        .execute()
      return new Set(rows.map(({ project_id }) => project_id))
    },

    /** A member there already gets the role, and keeps the time since when. */
    async save(member: ProjectMember) {
      const saved = db
        .insertInto('project_members')
        .values({ ...noun.row(member), ...noun.derived(member) } as Tables['project_members'])
        .onConflict((conflict) =>
          conflict
            .columns(['project_id', 'principal_id'])
            .doUpdateSet({ role: member.role, updated_at: member.updatedAt }),
        )
      await refusing('not_found', saved.execute())
    },

    async remove(projectId, principalId) {
      await db
        .deleteFrom('project_members')
        .where('project_id', '=', projectId)
        .where('principal_id', '=', principalId)
        .execute()
    },
  }
}
