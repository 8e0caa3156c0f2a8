/**
 * The chain of one organization's events: each bears the hash of the one before, so that a change, a removal or a
 * reordering shows. Pure but for SHA-256. What the hash does not cover is where the event is kept: `seq` follows from
 * the order, while the organization's and the team's id only say who may read it.
 */
import { hash } from 'node:crypto'
import type { Json } from '../../protocol/json.ts'
import { canonical } from './canonical.ts'
import { type AuditEvent, type Deed, installation } from './event.ts'
import { type Entry, genesis, type Head, type Waiting } from './store.ts'

type Bare = Omit<AuditEvent, 'hash'>
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

const digest = (body: string): string => hash('sha256', body, 'hex')

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
const columnsOf = ({ id, at, type, result, reason, request_id, actor, target }: Bare) => ({
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

/** What waited, as the event that follows `from` in its chain. */
export function relink({ body, orgId, teamId }: Pick<Waiting, 'body' | 'orgId' | 'teamId'>, from: Head): Link {
  const bare = { ...(JSON.parse(body) as Unlinked), prev: from.hash }
  return placed({ bare, body: canonical(bare as unknown as Json), orgId, teamId }, from)
}

function writtenDown<T extends Unlinked>(bare: T): { bare: T; body: string } {
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

/**
 * `body_changed`: the hash is not the body's · `column_changed`: found by something else than it says · `removed`: its
 * place is empty · `reordered`: does not follow the event before it, which was moved, inserted or written anew ·
 * `other_organization`: stands in a chain that is not its own · `head_mismatch`: the chain does not end where its head
 * says.
 */
export type BreakReason =
  | 'body_changed'
  | 'column_changed'
  | 'removed'
  | 'reordered'
  | 'other_organization'
  | 'head_mismatch'
export type Break = { seq: number; id?: string; why: BreakReason }
export type Verified = { events: number; head: Head; brokenAt?: Break }

function bareIn(body: string): Bare | undefined {
  try {
    return JSON.parse(body) as Bare
  } catch {
    return undefined
  }
}

function columnsAgree(entry: Entry, bare: Bare): boolean {
  const columns = columnsOf(bare)
  return (Object.keys(columns) as (keyof typeof columns)[]).every((name) => entry[name] === columns[name])
}

/** Its own name in every event, which never changes, and its own id in what was done to the organization itself. */
function bears({ org, target }: Bare, { orgId, name }: Owner): boolean {
  return (name === undefined || org === name) && (target?.type !== 'organization' || target.id === orgId)
}

/** What is wrong with the entry that stands after `last`. */
function flawOf(entry: Entry, last: Head, owner: Owner): BreakReason | undefined {
  if (entry.seq !== last.seq + 1) return 'removed'
  if (digest(entry.body) !== entry.hash) return 'body_changed'
  const bare = bareIn(entry.body)
  if (!bare) return 'body_changed'
  if (bare.prev !== last.hash) return 'reordered'
  if (!bears(bare, owner)) return 'other_organization'
  return columnsAgree(entry, bare) ? undefined : 'column_changed'
}

/** Whose chain it is. `name`: what its events bear; undefined where nobody knows it any more. */
export type Owner = { orgId: string; name: string | undefined }

/** Walks one chain, oldest first, up to its head; the first break ends it. What comes after the head is not looked at. */
export async function verifyChain(pages: AsyncIterable<readonly Entry[]>, head: Head, owner: Owner): Promise<Verified> {
  let last = genesis
  const broken = (brokenAt: Break): Verified => ({ events: last.seq, head: last, brokenAt })
  for await (const page of pages) {
    for (const entry of page) {
      if (entry.seq > head.seq) break
      const why = flawOf(entry, last, owner)
      if (why === 'removed') return broken({ seq: last.seq + 1, why })
      if (why) return broken({ seq: entry.seq, id: entry.id, why })
      last = { seq: entry.seq, hash: entry.hash }
    }
    if (last.seq >= head.seq) break
  }
  if (last.seq < head.seq) return broken({ seq: last.seq + 1, why: 'removed' })
  if (last.hash !== head.hash) return broken({ seq: last.seq, why: 'head_mismatch' })
  return { events: last.seq, head: last }
}
