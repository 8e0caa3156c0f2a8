/** The routes that most nouns share: list, read, remove, and the answers to making and changing. The rest is each noun's own. */
import { setImmediate as soon } from 'node:timers/promises'
import type { ZodType } from 'zod'
import type { JsonObject } from '../../../protocol/json.ts'
import type { Right } from '../../access/authority.ts'
import type { Kept } from '../../accounts/model.ts'
import type { Collection } from '../../accounts/store.ts'
import { etagOf, type Noun, remove, update } from '../../admin/noun.ts'
import type { Where, Work } from '../../admin/perform.ts'
import { Refusal } from '../../errors/refusal.ts'
import type { Answer, Place, Request, Rooms, Route } from './route.ts'
import { route } from './route.ts'
import { forceQuery, listOf, listQuery, searchQuery } from './schemas.ts'

/** The cursor of a page is the last id on it; opaque to callers. */
export const cursorOf = (last: string | null) => (last === null ? null : Buffer.from(last).toString('base64url'))
export function afterOf(cursor: string | undefined): { after?: string } {
  if (cursor === undefined) return {}
  const after = Buffer.from(cursor, 'base64url').toString()
  if (!/^[\w*.-]{1,64}$/.test(after)) throw new Refusal('query_invalid', { says: 'this cursor is none of ours' })
  return { after }
}

/** How a list is asked for, in the words of its collection. */
export const askOf = ({
  limit,
  cursor,
  q,
}: {
  limit: number
  cursor?: string | undefined
  q?: string | undefined
}) => ({
  limit,
  ...afterOf(cursor),
  ...(q === undefined ? {} : { part: q }),
})

export const whereOf = ({ org, team }: Place): Where => ({ org, ...(team ? { team } : {}) })

type Crud<T extends Kept> = {
  tag: string
  path: string
  param: string
  schema: ZodType
  rights: { read: Right; list?: Right; change: Right }
  /** The object that the path names. */
  at(place: Place): T | undefined
  under(place: Place): Partial<T>
  /** How rows are shown, for the organization at hand. */
  noun(place: Place): Promise<Noun<T>>
  /** What is shown beside what is kept. */
  more?(row: T): JsonObject
  /** The same where it has to be asked for, of all rows of an answer at once. */
  beside?(rows: readonly T[]): Promise<(row: T) => JsonObject>
  /** What is shown of one, and not in lists. */
  alone?(row: T, place: Place): Promise<JsonObject>
  /** Its list can be looked through, by `q`. */
  searched?: true
  /** It may be kept in a file: then it is removed only by force. */
  managed?: true
  /** Before it is removed, in the same transaction: throws Refusal when it may not be. */
  removing?(work: Work, row: T, where: Where): Promise<void>
  /** After it was. */
  removed?(row: T): void
}

export function crud<T extends Kept>(rooms: Rooms, collection: Collection<T>, options: Crud<T>) {
  const { tag, path, param, schema, rights, at, under, noun, more = () => ({}) } = options
  const one = `${path}/{${param}}`
  const found = (place: Place): T => {
    const row = at(place)
    if (!row) throw new Refusal('not_found')
    return row
  }
  const beside = options.beside ?? (async () => () => ({}))
  const shownAs = async (place: Place, row: T): Promise<JsonObject> => ({
    ...(await noun(place)).shown(row),
    ...more(row),
    ...(await beside([row]))(row),
  })
  const shownAlone = async (place: Place, row: T): Promise<JsonObject> => ({
    ...(await shownAs(place, row)),
    ...((await options.alone?.(row, place)) ?? {}),
  })
  /** With a pause for others behind each: what `more` says may take its time. */
  const allShown = async (place: Place, rows: readonly T[]): Promise<JsonObject[]> => {
    const { shown } = await noun(place)
    const besides = await beside(rows)
    const items: JsonObject[] = []
    for (const row of rows) {
      items.push({ ...shown(row), ...more(row), ...besides(row) })
      if (options.more) await soon()
    }
    return items
  }

  const list: Route = route({
    method: 'get',
    path,
    tag,
    summary: options.searched ? 'List; q looks for a part of the name' : 'List',
    right: rights.list ?? rights.read,
    query: (options.searched ? searchQuery : listQuery) as typeof searchQuery,
    answer: listOf(schema),
    async run({ place, query }) {
      const page = await collection.list(under(place), askOf(query))
      const items = await allShown(place, page.items)
      return { body: { items, next_cursor: cursorOf(page.nextCursor) } }
    },
  })
  const read: Route = route({
    method: 'get',
    path: one,
    tag,
    summary: 'Read',
    right: rights.read,
    answer: schema,
    async run({ place }) {
      const row = found(place)
      return { body: await shownAlone(place, row), etag: etagOf(row) }
    },
  })
  const erase: Route = route({
    method: 'delete',
    path: one,
    tag,
    summary: 'Delete',
    right: rights.change,
    ...(options.managed ? { query: forceQuery } : {}),
    async run(request) {
      const row = found(request.place)
      const shape = await noun(request.place)
      await rooms.perform(request.context, async (work) => {
        await options.removing?.(work, row, whereOf(request.place))
        await remove(work, shape, whereOf(request.place), row.id, request.ifMatch)
        return {}
      })
      options.removed?.(row)
      return { status: 204 }
    },
  })
  /** Answers a PATCH: writes what `changesOf` makes of the row as it stands in the transaction. */
  const change = async (
    request: Request<unknown, unknown>,
    changesOf: (row: T, work: Pick<Work, 'stores'>) => Partial<T> | Promise<Partial<T>>,
  ): Promise<Answer> => {
    const row = found(request.place)
    const shape = await noun(request.place)
    const after = await rooms.perform(request.context, (work) =>
      update(work, shape, whereOf(request.place), row.id, (now) => changesOf(now, work), request.ifMatch),
    )
    return { body: await shownAs(request.place, after), etag: etagOf(after) }
  }
  /** Answers a POST. `once`: what is shown in this answer only; `at`: what the path calls it. */
  const made = async (place: Place, row: T, once: JsonObject = {}, at: string = row.name): Promise<Answer> => ({
    status: 201,
    body: { ...(await shownAs(place, row)), ...once },
    etag: etagOf(row),
    location: `${pathOf(path, place)}/${at}`,
  })
  return { list, read, erase, change, made, shownAlone }
}

/** The path with the names or ids of what it goes through. */
function pathOf(path: string, { org, team, user, account, server }: Place): string {
  const ids: Record<string, Kept | undefined> = { org, team, user, account, server }
  return path.replace(
    /\{(\w+)\}/g,
    (_, name: string) => ids[name]?.[name === 'org' || name === 'team' ? 'name' : 'id'] ?? '',
  )
}

/** Only the members that are there, under the names that the row has for them. */
export function given<T extends object>(changes: { [K in keyof T]?: T[K] | undefined }): Partial<T> {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)) as Partial<T>
}
