/**
 * Rules: a wrong call changes nothing; the database that was there is kept; what the restored one cannot know is said at
 * once, and by the service until somebody has answered.
 */
import { existsSync, realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import {
  aheadAtMost,
  createMarkRestored,
  type Restoration,
  type Restored,
  sentenceOf,
} from '../server/admin/restored.ts'
import { createTrail } from '../server/audit/trail.ts'
import { createNewId } from '../server/new-id.ts'
import { loadSettings, type Settings } from '../server/settings.ts'
import { lockServing, openStorage, pathOf } from '../server/storage/open.ts'
import { type Copy, copyBeside, putInPlace } from '../server/storage/sqlite/restore.ts'
import type { Storage } from '../server/storage/storage.ts'
import { root } from './root.ts'
import { exit, terminal } from './terminal.ts'

type Times = { asOf?: string | undefined; revokeBefore?: string | undefined }

export async function restoreCommand(file: string | undefined, times: Times): Promise<number> {
  const settings = loadSettings(root)
  const now = Date.now()
  const asOf = times.asOf === undefined ? undefined : timeIn(times.asOf, now)
  const revokeBefore = times.revokeBefore === undefined ? undefined : timeIn(times.revokeBefore, now)
  if (Number.isNaN(asOf)) return wrong('--as-of: must be a time that has been, RFC 3339 (2026-01-31T12:00:00Z)')
  if (Number.isNaN(revokeBefore)) return wrong('--revoke-before: must be now, or a time that has been, RFC 3339')
  if (file !== undefined && asOf !== undefined) return wrong('restore: takes a file or --as-of, not both')
  if (file === undefined && asOf === undefined) return wrong('restore: needs a file, or --as-of after a recovery')
  if (asOf !== undefined) {
    const restored = await markInPlace(settings, { at: asOf, estimated: false, now, revokeBefore })
    return told(restored, 'marked  the database as recovered')
  }
  if (settings.databaseUrl?.startsWith('postgres')) {
    terminal.fail(
      "restore: use PostgreSQL's own means, and then countersign restore --as-of TIME; see docs/how-to/backups.md",
    )
    return exit.failed
  }
  return putBack(pathOf(settings.databaseUrl, settings.dataDir), resolve(file as string), { now, revokeBefore })
}

function wrong(says: string): number {
  terminal.fail(says)
  return exit.usage
}

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i

/** ms since 1970; NaN for what is no time, or in the future. */
function timeIn(text: string, now: number): number {
  if (text === 'now') return now
  const at = rfc3339.test(text) ? Date.parse(text) : Number.NaN
  return at > now + aheadAtMost ? Number.NaN : Math.min(at, now)
}

async function putBack(named: string, file: string, times: Pick<Restoration, 'now' | 'revokeBefore'>): Promise<number> {
  const database = existsSync(named) ? realpathSync(named) : named
  const release = await lockServing(database, 0)
  let copy: Copy | undefined
  try {
    copy = await copyBeside(database, file)
    const { at, estimated } = copy
    const restored = await marked({ url: `sqlite:${copy.path}` }, { at, estimated, ...times })
    const kept = putInPlace(copy.path, database, times.now)
    if (kept) terminal.data(`before  ${kept}  (the database as it was)`)
    return told(restored, `now     ${database}`)
  } finally {
    copy?.discard()
    release()
  }
}

const markInPlace = ({ databaseUrl: url, dataDir }: Settings, restoration: Restoration): Promise<Restored> =>
  marked({ url, dataDir, serving: !url?.startsWith('postgres') }, restoration)

type Where = { url: string | undefined; dataDir?: string; serving?: boolean }

async function marked({ url, dataDir = '.', serving = false }: Where, restoration: Restoration): Promise<Restored> {
  const storage = await openStorage({ url, dataDir, mustExist: true, serving, patienceMs: 0 })
  try {
    return await markRestored(storage)(restoration)
  } finally {
    await storage.close()
  }
}

function markRestored(storage: Storage) {
  const { newId } = createNewId(Date.now)
  const trail = createTrail({ store: storage.writing.trail, newId })
  return createMarkRestored({ storage, trail, newId }, { type: 'operator', name: 'countersign restore' })
}

function told(restored: Restored, what: string): number {
  terminal.data(`${what}, of ${restored.backup_at}${restored.estimated ? ' (an estimate)' : ''}`)
  if (restored.revoked_before) terminal.data(`ended   every token minted at or before ${restored.revoked_before}`)
  terminal.note(`${sentenceOf(restored)}; what to do: docs/how-to/backups.md`)
  return exit.done
}
