/** Whether a file is a database of ours that this version can use. */
import type { DatabaseSync } from 'node:sqlite'
import { migrationNames } from '../migrations/migrate.ts'

const tables = ['kysely_migration', 'installation_values', 'signing_keys', 'audit_events', 'audit_heads']
const notADatabase = 26

const rowsOf = (db: DatabaseSync, sql: string): Record<string, unknown>[] => db.prepare(sql).all()

/** SQLite's own complaints, as one line about the file that is called `name`. */
function judging(name: string, work: () => void): void {
  try {
    work()
  } catch (error) {
    const { errcode, message } = error as { errcode?: number; message: string }
    if (errcode === undefined) throw error
    if ((errcode & 0xff) === notADatabase) throw new Error(`${name} is no Countersign database`, { cause: error })
    throw new Error(`${name} cannot be read: ${message}`, { cause: error })
  }
}

/** Throws with one line when it is not one of ours, or from a later version. */
export function judgeKind(db: DatabaseSync, name: string): void {
  judging(name, () => {
    const found = new Set(rowsOf(db, 'select name from sqlite_master').map((row) => row.name))
    if (!tables.every((table) => found.has(table))) throw new Error(`${name} is no Countersign database`)
    const known = (row: Record<string, unknown>) => migrationNames.includes(String(row.name))
    const newer = rowsOf(db, 'select name from kysely_migration').find((row) => !known(row))
    if (newer) throw new Error(`${name} is of a newer version of Countersign (it has ${newer.name}): use that version`)
  })
}

/** Reads all of it. Throws with one line when it is damaged. */
export function judgeContent(db: DatabaseSync, name: string): void {
  judging(name, () => {
    const flaw = rowsOf(db, 'pragma integrity_check(1)')[0]?.integrity_check
    if (flaw !== 'ok') throw new Error(`${name} is damaged: ${String(flaw).split('\n').at(-1)}`)
  })
}
