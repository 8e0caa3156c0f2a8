/**
 * After a restore: which span of time is missing, and what is done about it. What was revoked in that span is alive
 * again, and the service cannot know it; so it says so until somebody has answered.
 */
import type { NewId } from '../../protocol/ids.ts'
import type { JsonObject } from '../../protocol/json.ts'
import { type Actor, type Deed, installation } from '../audit/event.ts'
import type { Trail } from '../audit/trail.ts'
import type { Storage } from '../storage/storage.ts'
import { everything } from '../tokens/claims.ts'
import { marker } from '../tokens/revocations.ts'
import type { Work } from './perform.ts'
import type { ValueStore } from './store.ts'

/** As it is kept and shown; RFC 3339. `estimated`: the backup did not say of which moment it is. */
export type Restored = {
  backup_at: string
  restored_at: string
  estimated: boolean
  unknown: { from: string; to: string }
  /** Up to when all tokens were ended since. */
  revoked_before: string | null
}
/** `at`: the moment of the backup. All in ms since 1970. */
export type Restoration = { at: number; estimated: boolean; now: number; revokeBefore?: number | undefined }

/** In a backup alone, among its small facts: its moment, RFC 3339. */
export const backupMoment = 'backup_at'
const name = 'restored'
const target = { type: 'installation' }
const iso = (ms: number): string => new Date(ms).toISOString()
const earlier = (a: string, b: string | undefined): string => (b !== undefined && b < a ? b : a)

/** In ms: what a clock may be ahead, of whoever says until when all is to be ended. */
export const aheadAtMost = 60_000

export async function restoredIn(values: Pick<ValueStore, 'get'>): Promise<Restored | undefined> {
  const kept = await values.get(name)
  return kept === undefined ? undefined : (JSON.parse(kept) as Restored)
}

const keep = (values: Pick<ValueStore, 'set'>, restored: Restored) => values.set(name, JSON.stringify(restored))

/** In one sentence, for whoever runs the installation. */
export function sentenceOf({ unknown, estimated }: Restored): string {
  const from = estimated ? `${unknown.from} (an estimate)` : unknown.from
  return `restored from a backup: revocations, disabled accounts, deleted API keys, withdrawn signing keys and spent single-use tokens from ${from} to ${unknown.to} are not known here, and count as they did in the backup`
}

type Needs = { storage: Pick<Storage, 'transaction'>; trail: Pick<Trail, 'appendWithin'>; newId: NewId }
type Start = Needs & {
  storage: Pick<Storage, 'transaction' | 'reading'>
  now: () => number
  warn: (facts: object, says: string) => void
}

/** Says so at a start, as long as nobody has answered; of a backup too that was put in place by hand. */
export async function tellOfRestore({ warn, now, ...needs }: Start): Promise<void> {
  const { values } = needs.storage.reading
  const at = await values.get(backupMoment)
  if (at !== undefined)
    await createMarkRestored(needs, { type: 'system' })({ at: Date.parse(at), estimated: false, now: now() })
  const restored = await restoredIn(values)
  if (restored) warn({ restored }, `${sentenceOf(restored)}; what to do: docs/how-to/backups.md`)
}

/** Marks the database as restored, before it is served, on record in its own trail; all or nothing. */
export function createMarkRestored({ storage, trail, newId }: Needs, actor: Actor) {
  return ({ at, estimated, now, revokeBefore }: Restoration): Promise<Restored> =>
    storage.transaction(async (stores) => {
      const request_id = newId('req')
      const record = (type: string, detail: JsonObject) => {
        const client = { ip: '', user_agent: '' }
        const deed: Deed = { at: now, type, result: 'done', request_id, actor, target, client, detail }
        return trail.appendWithin(stores.trail, deed)
      }
      // A clock that ran fast when the backup was made.
      const backup_at = iso(Math.min(at, now))
      const unanswered = await restoredIn(stores.values)
      const unknown = { from: earlier(backup_at, unanswered?.unknown.from), to: iso(now) }
      const revoked_before = revokeBefore === undefined ? null : iso(revokeBefore)
      const restored: Restored = { backup_at, restored_at: iso(now), estimated, unknown, revoked_before }
      await keep(stores.values, restored)
      // A later copy of this database is not of that moment.
      await stores.values.remove(backupMoment)
      await record('installation.restore', { backup_at, estimated, unknown })
      if (revokeBefore !== undefined) {
        await stores.revocations.save([marker(everything, revokeBefore)])
        await stores.sessions.end('all', revokeBefore)
        await record('tokens.revoke', { before: iso(revokeBefore) })
      }
      // Whoever serves this database already, hears of it.
      await stores.changes.advance(installation, now)
      return restored
    })
}

/** Ends every token of the installation that was minted until then (ms), which may be no later than now. */
export async function revokeAll(work: Work, until: number): Promise<{ revoked_before: string }> {
  const before = iso(await work.revoke([everything], until))
  await work.record('tokens.revoke', {}, target, { before })
  const restored = await restoredIn(work.stores.values)
  if (restored && (restored.revoked_before ?? '') < before)
    await keep(work.stores.values, { ...restored, revoked_before: before })
  return { revoked_before: before }
}

/** Somebody has answered: it is not said any more. */
export async function acknowledgeRestore(work: Work): Promise<object> {
  const restored = await restoredIn(work.stores.values)
  if (restored) {
    await work.stores.values.remove(name)
    await work.record('installation.update', {}, target, { acknowledged: restored })
  }
  return {}
}
