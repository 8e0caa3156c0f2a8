/**
 * A backup in place of the database.
 * Rules: nothing is lost. All work is done on a copy beside the database; the backup is only read, the database that was
 * there stays under another name, and at no moment is there none.
 */
import {
  chownSync,
  createReadStream,
  createWriteStream,
  existsSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { pipeline } from 'node:stream/promises'
import { backupMoment } from '../../admin/restored.ts'
import { makeFolder } from '../make-folder.ts'
import { alsoAs, besides, discard, sync } from './files.ts'
import { judgeContent, judgeKind } from './judge.ts'
import { lockFile } from './serving.ts'

/** `at`: ms since 1970. `estimated`: the copy does not say itself of which moment it is. */
export type Copy = { path: string; at: number; estimated: boolean; discard(): void }

/** A judged copy of `file` beside the database. Throws with one line for the operator, and has then left nothing. */
export async function copyBeside(database: string, file: string): Promise<Copy> {
  if (!existsSync(file)) throw new Error(`there is no ${file}`)
  if (!statSync(file).isFile()) throw new Error(`${file} is no file`)
  if (existsSync(database) && realpathSync(file) === realpathSync(database))
    throw new Error(`${file} is the database itself`)
  await refuseServed(file)
  makeFolder(dirname(database))
  const path = `${database}.restoring-${process.pid}`
  try {
    // With what stands beside a database that was not closed: its last writes may stand there alone.
    for (const suffix of ['', '-wal', '-journal'])
      if (existsSync(file + suffix)) await copyForUs(file + suffix, path + suffix)
    return { path, ...momentIn(path, file), discard: () => discard(path) }
  } catch (error) {
    discard(path)
    throw error
  }
}

/** Whoever may read the file: the copy is for us alone, from its first byte on. */
const copyForUs = (file: string, path: string): Promise<void> =>
  pipeline(createReadStream(file), createWriteStream(path, { flags: 'wx', mode: 0o600 }))

/** What is copied while it is written to may be torn. */
async function refuseServed(file: string): Promise<void> {
  const lock = `${realpathSync(file)}.lock`
  if (!existsSync(lock)) return
  const release = await lockFile(lock, 0)
  if (!release) throw new Error(`another process serves ${file}: make a backup of it (countersign backup)`)
  release()
}

function momentIn(path: string, name: string): Pick<Copy, 'at' | 'estimated'> {
  const db = new DatabaseSync(path)
  try {
    judgeKind(db, name)
    judgeContent(db, name)
    const value = db.prepare('select value from installation_values where name = ?')
    const own = Date.parse(String(value.get(backupMoment)?.value))
    if (!Number.isNaN(own)) return { at: own, estimated: false }
    const minted = Number(value.get('latest_moment')?.value ?? 0)
    const recorded = Number(db.prepare('select max(at) as at from audit_events').get()?.at ?? 0)
    return { at: Math.max(minted, recorded), estimated: true }
  } finally {
    db.close()
  }
}

/** The database as it was, under this name; undefined when there was none. The copy must be closed. */
export function putInPlace(copy: string, database: string, at: number): string | undefined {
  // Else what was marked in it would stand there, and be left behind.
  if (existsSync(`${copy}-wal`)) throw new Error(`${copy} could not be closed: is the disk full?`)
  sync(copy)
  const kept = `${database}.before-restore-${new Date(at).toISOString().replace(/[:.]/g, '-')}`
  const was = existsSync(database)
  belongAs(was ? database : dirname(database), copy, `${database}.lock`)
  if (was) {
    alsoAs(database, kept)
    // Its last writes may stand there alone; SQLite finds them by the name.
    for (const suffix of ['-wal', '-journal'])
      if (existsSync(database + suffix)) alsoAs(database + suffix, kept + suffix)
    sync(dirname(database))
  }
  for (const suffix of besides) rmSync(database + suffix, { force: true })
  renameSync(copy, database)
  sync(dirname(database))
  return was ? kept : undefined
}

/** Restored by root, it still belongs to whom it belonged. */
function belongAs(model: string, ...paths: readonly string[]): void {
  if (process.getuid?.() !== 0) return
  const { uid, gid } = statSync(model)
  for (const path of paths) if (existsSync(path)) chownSync(path, uid, gid)
}
