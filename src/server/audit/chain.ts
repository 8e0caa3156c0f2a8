/**
 * The chain of one organization's events: each bears the hash of the one before, so that a change, a removal or a
 * reordering shows. Pure but for SHA-256. What the hash does not cover is where the event is kept: `seq` follows from
 * the order, while the organization's and the team's id only say who may read it.
 */
import { hash } from 'node:crypto'
import type { Json } from '../../protocol/json.ts'
import { holdsSecret } from '../../protocol/secret-text.ts'
import { canonical } from './canonical.ts'
import { cleaned } from './clean.ts'
import { type AuditEvent, type Deed, installation } from './event.ts'
import type { Entry, Head, Waiting } from './store.ts'

export type Bare = Omit<AuditEvent, 'hash'>
/** Before it has its place in a chain. */
type Unlinked = Omit<Bare, 'prev'>

export type Link = { event: AuditEvent; entry: Entry }

/** Whose chain the deed belongs to. */
export const chainOf = (deed: Deed): string => deed.orgId ?? installation

/** What a stranger's token may hold and RFC 8785 cannot: lone surrogates, and numbers beyond all bounds. */
function tame(value: Json | undefined): Json | undefined {
  if (typeof value === 'string') return value.toWellFormed()
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (Array.isArray(value)) return value.map((item) => tame(item) ?? null)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([member, inner]) => [member.toWellFormed(), tame(inner) ?? null]),
  )
}

export const digest = (body: string): string => hash('sha256', body, 'hex')

/** The event of a deed, without absent members; in the order of RFC 8785, so that nothing needs sorting. */
function bareOf(deed: Deed, id: string, prev?: string): Unlinked {
  const { at, type, result, reason, request_id, org, team, actor, target, client, detail } = deed
  return {
    actor,
    at: new Date(at).toISOString(),
    client,
    detail,
    id,
    org: org ?? installation,
    ...(prev === undefined ? undefined : { prev }),
    ...(reason === undefined ? undefined : { reason }),
    request_id,
    result,
    ...(target === undefined ? undefined : { target }),
    ...(team === undefined ? undefined : { team }),
    type,
  }
}

/** The columns that follow from the event itself. */
export const columnsOf = ({ id, at, type, result, reason, request_id, actor, target }: Bare) => ({
  id,
  at: Date.parse(at),
  type,
  result,
  reason: reason ?? null,
  requestId: request_id,
  actorId: actor.id ?? null,
  actorName: findable(actor.name),
  targetId: target?.id ?? null,
  targetName: findable(target?.name),
})

/** Strangers may name themselves; a database has no zero character in its texts. */
const findable = (name: string | undefined): string | null => name?.replaceAll('\0', '\ufffd') ?? null

/** The deed as the event that follows `from` in its chain, and the row to keep it as. */
export function link(deed: Deed, id: string, from: Head): Link {
  const { bare, body } = writtenDown(bareOf(deed, id, from.hash) as Bare)
  return placed({ bare, body, orgId: chainOf(deed), teamId: deed.teamId ?? null }, from)
}

/** The event as it waits for its place, and its text. */
export function unlinked(deed: Deed, id: string): { event: Unlinked; body: string } {
  const { bare, body } = writtenDown(bareOf(deed, id))
  return { event: bare, body }
}

/**
 * What waited, as the event that follows `from` in its chain. Its text is the one that waited, with `prev` where RFC 8785
 * puts it: behind `org`, and so before `reason` and `request_id`, which no string and none of the members behind it holds.
 */
export function relink({ body, orgId, teamId }: Pick<Waiting, 'body' | 'orgId' | 'teamId'>, from: Head): Link {
  const bare = { ...(JSON.parse(body) as Unlinked), prev: from.hash }
  const behind = bare.reason === undefined ? '' : `,"reason":${canonical(bare.reason)}`
  const at = body.lastIndexOf(`${behind},"request_id":`)
  if (at < 0) throw new Error('what waits is no event')
  return placed({ bare, body: `${body.slice(0, at)},"prev":"${from.hash}"${body.slice(at)}`, orgId, teamId }, from)
}

/** Looked at as a whole, when it is text: nearly always there is nothing to take out. */
function writtenDown<T extends Unlinked>(bare: T): { bare: T; body: string } {
  const written = asWritten(bare)
  if (!holdsSecret(written.body)) return written
  return asWritten(cleaned(written.bare as unknown as Json) as unknown as T)
}

function asWritten<T extends Unlinked>(bare: T): { bare: T; body: string } {
  try {
    return { bare, body: canonical(bare as unknown as Json) }
  } catch {
    const tamed = tame(bare as unknown as Json) as unknown as T
    return { bare: tamed, body: canonical(tamed as unknown as Json) }
  }
}

type Placed = { bare: Bare; body: string; orgId: string; teamId: string | null }
function placed({ bare, body, orgId, teamId }: Placed, from: Head): Link {
  const event: AuditEvent = Object.assign(bare, { hash: digest(body) })
  const entry: Entry = { orgId, seq: from.seq + 1, ...columnsOf(event), teamId, body, hash: event.hash }
  return { event, entry }
}

/** The event as it is shown, members in the order of the contract. */
export function eventOf({ body, hash }: Entry): AuditEvent {
  const { id, at, type, result, reason, request_id, org, team, actor, target, client, detail, prev } = JSON.parse(
    body,
  ) as Bare
  return {
    id,
    at,
    type,
    result,
    ...(reason === undefined ? {} : { reason }),
    request_id,
    org,
    ...(team === undefined ? {} : { team }),
    actor,
    ...(target === undefined ? {} : { target }),
    client,
    detail,
    prev,
    hash,
  }
}
