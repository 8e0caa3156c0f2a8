import { setImmediate as soon } from 'node:timers/promises'
import { sql } from 'kysely'
import { isId } from '../../protocol/ids.ts'
import type { Kept } from '../accounts/model.ts'
import type { Collection, ListAsk } from '../accounts/store.ts'
import { Refusal } from '../errors/refusal.ts'
import { anyTable, atomically, type Database } from './database.ts'
import type { Columns, Noun } from './noun.ts'
import { refusing } from './refusals.ts'

/** Rows elsewhere that follow from the object; kept in step with it. */
export type InStep<T> = (trx: Database, object: T) => Promise<void>

/** Rows looked at in one go for a part of their name: a few milliseconds of work, since questions are answered in place. */
const fewRows = 2_000

/** `%` and `_` stand for themselves. */
const containing = (part: string) => `%${part.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`

/** The objects of one noun. `inStep` runs in the transaction of the insert or update. */
export function collection<T extends Kept>(db: Database, noun: Noun<T>, inStep?: InStep<T>): Collection<T> {
  const { table, sought } = noun
  const bound = (where: Partial<T>): [column: string, value: Columns[string]][] => Object.entries(noun.row(where))

  function matching(where: Partial<T>) {
    let query = anyTable(db).selectFrom(table)
    for (const [column, value] of bound(where)) {
      query = value === null ? query.where(column, 'is', null) : query.where(column, '=', value)
    }
    return query
  }

  async function take(query: ReturnType<typeof matching>, limit: number): Promise<T[]> {
    const rows = await query.selectAll().orderBy('id').limit(limit).execute()
    return rows.map((row) => noun.object(row))
  }

  /** Only the rows that are narrowed down to. */
  function narrowed(query: ReturnType<typeof matching>, { part, narrow = {}, filled }: ListAsk<T>) {
    let found = query
    for (const [column, value] of bound(narrow)) found = found.where(column, '=', value)
    if (filled !== undefined) found = found.where(noun.column(filled), 'is not', null)
    if (part === undefined) return found
    const like = containing(part)
    return found.where((e) => e.or(sought.map((column) => sql<boolean>`${e.ref(column)} like ${like} escape '\\'`)))
  }

  /** In windows of so many rows, with a turn for others behind each. At most `limit`, by id. */
  async function search(where: Partial<T>, ask: ListAsk<T>): Promise<T[]> {
    const { limit, after = '' } = ask
    const found: T[] = []
    for (let from = after; ; await soon()) {
      const rows = matching(where).where('id', '>', from)
      const end = await rows
        .select('id')
        .orderBy('id')
        .offset(fewRows - 1)
        .limit(1)
        .executeTakeFirst()
      const window = end ? rows.where('id', '<=', end.id as string) : rows
      found.push(...(await take(narrowed(window, ask), limit - found.length)))
      if (!end || found.length >= limit) return found
      from = end.id as string
    }
  }

  const writing = <R>(work: (trx: Database) => Promise<R>): Promise<R> => (inStep ? atomically(db, work) : work(db))

  return {
    async find(where, nameOrId) {
      const column = isId(nameOrId) ? 'id' : 'name'
      const [found] = await take(matching(where).where(column, '=', nameOrId), 1)
      return found
    },

    async first(where) {
      const [found] = await take(matching(where), 1)
      return found
    },

    async list(where, ask) {
      const { limit, after = '', part, narrow, filled } = ask
      const isNarrowed = part !== undefined || narrow !== undefined || filled !== undefined
      const found = isNarrowed
        ? await search(where, { ...ask, limit: limit + 1 })
        : await take(matching(where).where('id', '>', after), limit + 1)
      const items = found.slice(0, limit)
      return { items, nextCursor: found.length > limit ? (items.at(-1)?.id ?? null) : null }
    },

    async count(where) {
      const row = await matching(where)
        .select((e) => e.fn.countAll<number>().as('n'))
        .executeTakeFirstOrThrow()
      return Number(row.n)
    },

    async names(where, ids) {
      if (ids?.length === 0) return new Map()
      const all = matching(where).select(['id', 'name'])
      const rows = await (ids ? all.where('id', 'in', ids) : all).execute()
      return new Map(rows.map(({ id, name }) => [id as string, name as string]))
    },

    insert(object) {
      const row = { ...noun.row(object), ...noun.derived(object) }
      const work = async (trx: Database): Promise<void> => {
        await anyTable(trx).insertInto(table).values(row).execute()
        await inStep?.(trx, object)
      }
      return refusing('not_found', writing(work))
    },

    update(object, changes, now) {
      const whole = { ...object, ...changes }
      const row = { ...noun.row(changes), ...noun.derived(whole), updated_at: now }
      const work = async (trx: Database): Promise<T> => {
        const kept = await anyTable(trx)
          .updateTable(table)
          .set((e) => ({ ...row, version: e('version', '+', 1) }))
          .where('id', '=', object.id)
          .returningAll()
          .executeTakeFirst()
        if (!kept) throw new Refusal('not_found')
        const updated = noun.object(kept)
        await inStep?.(trx, updated)
        return updated
      }
      return refusing('not_found', writing(work))
    },

    async remove(id) {
      await refusing('in_use', anyTable(db).deleteFrom(table).where('id', '=', id).execute())
    },
  }
}
