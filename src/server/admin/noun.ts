/**
 * The three deeds that most nouns share: create, update, remove. A noun says how its rows are shown (the same words in
 * the API and in the trail), and what ends with a change of it.
 */
import type { Json, JsonObject } from '../../protocol/json.ts'
import type { Kept, Managed } from '../accounts/model.ts'
import type { Collection } from '../accounts/store.ts'
import { Refusal } from '../errors/refusal.ts'
import { refuseManaged } from './managed.ts'
import type { Where, Work } from './perform.ts'
import type { Nouns } from './store.ts'

type CollectionName = Exclude<keyof Nouns, 'members' | 'projectMembers'>

export type Noun<T extends Kept> = {
  /** As in event types: `team.create`. */
  type: string
  collection: CollectionName
  shown(row: T): JsonObject
  /** Ids whose tokens end when the row becomes `after`; undefined: when it is removed. */
  ends?(row: T, after: T | undefined): readonly string[]
}

const of = <T extends Kept>(work: Work, noun: Noun<T>) => work.stores[noun.collection] as unknown as Collection<T>

/** A row before it is kept. */
export type Unkept<T extends Kept> = Omit<T, 'version' | 'createdAt' | 'updatedAt'>

/** `more`: what the event says besides. */
export async function create<T extends Kept>(
  work: Work,
  noun: Noun<T>,
  where: Where,
  unkept: Unkept<T>,
  more: JsonObject = {},
): Promise<T> {
  const row = { ...unkept, version: 1, createdAt: work.now, updatedAt: work.now } as T
  await of(work, noun).insert(row)
  await work.record(`${noun.type}.create`, where, targetOf(noun, row), { ...noun.shown(row), ...more })
  work.changed(where.org?.id ?? null)
  return row
}

/**
 * `ifMatch`: the version that the caller has read. `more`: what the event says besides, known once the changes are.
 * Throws Refusal('precondition_failed'), Refusal('not_found'), and Refusal('managed') for what is kept in a file, unless
 * that is forced.
 */
export async function update<T extends Kept>(
  work: Work,
  noun: Noun<T>,
  where: Where,
  id: string,
  changesOf: (row: T) => Partial<T> | Promise<Partial<T>>,
  ifMatch?: IfMatch,
  more: () => JsonObject = () => ({}),
): Promise<T> {
  const row = await current(work, noun, id, ifMatch)
  const changes = await changesOf(row)
  const after = await of(work, noun).update(row, changes, work.now)
  const differs = difference(noun.shown(row), noun.shown(after))
  const detail = { ...differs, ...more(), ...forcedOn(work, row) }
  await work.record(`${noun.type}.update`, where, targetOf(noun, after), detail)
  const ends = noun.ends?.(row, after) ?? []
  if (ends.length > 0) await work.revoke(ends)
  work.changed(where.org?.id ?? null)
  return after
}

export async function remove<T extends Kept>(
  work: Work,
  noun: Noun<T>,
  where: Where,
  id: string,
  ifMatch?: IfMatch,
): Promise<void> {
  const row = await current(work, noun, id, ifMatch)
  await of(work, noun).remove(id)
  await work.record(`${noun.type}.delete`, where, targetOf(noun, row), { ...noun.shown(row), ...forcedOn(work, row) })
  const ends = noun.ends?.(row, undefined) ?? []
  if (ends.length > 0) await work.revoke(ends)
  work.changed(where.org?.id ?? null)
}

/** Entity tags of an If-Match header (RFC 9110 §13.1.1), `*` among them or not. */
export type IfMatch = readonly string[]

/** With the id: an object that is made anew under a name has versions like the one before. */
export const etagOf = ({ id, version }: Pick<Kept, 'id' | 'version'>) => `"${id}.${version}"`

/** A membership has no versions; it changes at most once in a millisecond. */
export const memberTag = (memberId: string, { updatedAt }: { updatedAt: number }) => `"${memberId}.${updatedAt}"`

/** `tag`: of what is there; undefined when nothing is. Throws Refusal('precondition_failed'). */
export function refuseUnmatched(ifMatch: IfMatch | undefined, tag: string | undefined): void {
  if (!ifMatch || (tag !== undefined && (ifMatch.includes('*') || ifMatch.includes(tag)))) return
  throw new Refusal('precondition_failed')
}

async function current<T extends Kept>(work: Work, noun: Noun<T>, id: string, ifMatch?: IfMatch): Promise<T> {
  const row = await of(work, noun).find({}, id)
  if (!row) throw new Refusal('not_found')
  refuseUnmatched(ifMatch, etagOf(row))
  refuseManaged(work, row)
  return row
}

/** On record: that somebody changed by hand what is kept in a file. */
const forcedOn = (work: Work, row: Kept & Partial<Managed>): JsonObject =>
  work.changing === 'forced' && row.managedBy ? { forced: true } : {}

const targetOf = <T extends Kept>({ type }: Noun<T>, { id, name }: T) => ({ type, id, name })

/** The members that differ, as they were and as they are. */
function difference(before: JsonObject, after: JsonObject): JsonObject {
  const names = Object.keys(after).filter(
    (name) => name !== 'updated_at' && JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  )
  const pick = (from: JsonObject) => Object.fromEntries(names.map((name): [string, Json] => [name, from[name] ?? null]))
  return { before: pick(before), after: pick(after) }
}
