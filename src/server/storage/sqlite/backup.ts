/**
 * A copy of a database that is in use: of one moment, in one file.
 * The copy is taken within one reading transaction, so that it is of that moment however much is written meanwhile, and
 * need never begin anew; a reader keeps nobody from writing.
 */
import { existsSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import { backupMoment } from '../../admin/restored.ts'
import { besides, discard, makeFile, place } from './files.ts'
import { judgeContent, judgeKind } from './judge.ts'

type Ask = { from: string; to: string; force: boolean; now: () => number }
/** `at`: ms since 1970; everything that was on record by then is in the copy. */
export type Backup = { at: number; bytes: number }

/** All in one step. */
const pages = 2 ** 31 - 1
/** In ms. */
const timeout = 5000

/** Throws with one line for the operator, and has then written nothing. */
export async function backUp({ from, to, force, now }: Ask): Promise<Backup> {
  if (!existsSync(from)) throw new Error(`there is no ${from}`)
  refuseItself(from, to)
  if (existsSync(to) && !force) throw new Error(`${to} exists already: choose another name, or say --force`)
  if (existsSync(to) && !statSync(to).isFile()) throw new Error(`${to} is no file`)
  const part = join(dirname(to), `.${basename(to)}.${process.pid}.part`)
  try {
    makeFile(part)
    const at = await copy(from, part, now)
    finish(part, from, at)
    place(part, to, force)
    return { at, bytes: statSync(to).size }
  } finally {
    discard(part)
  }
}

/** Neither the database nor what stands beside it, however it is spelled. */
function refuseItself(from: string, to: string): void {
  const real = realpathSync(from)
  const named = existsSync(to) ? realpathSync(to) : join(existing(dirname(to)), basename(to))
  for (const suffix of ['', '.lock', ...besides])
    if (named === real + suffix) throw new Error(`${to} is the database itself: choose another name`)
}

function existing(folder: string): string {
  if (!existsSync(folder)) throw new Error(`there is no folder ${folder}`)
  return realpathSync(folder)
}

async function copy(from: string, part: string, now: () => number): Promise<number> {
  const source = new DatabaseSync(from, { readOnly: true, timeout })
  try {
    const at = now()
    source.exec('BEGIN')
    source.prepare('select count(*) from sqlite_master').get()
    await backup(source, part, { rate: pages })
    return at
  } finally {
    source.close()
  }
}

/** Without a log of its own, so that it is one file; with its moment in it; and judged. */
function finish(part: string, from: string, at: number): void {
  const made = new DatabaseSync(part, { timeout })
  try {
    made.exec('PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL')
    judgeKind(made, from)
    made
      .prepare('insert into installation_values values (?, ?) on conflict (name) do update set value = excluded.value')
      .run(backupMoment, new Date(at).toISOString())
    judgeContent(made, `the copy of ${from}`)
  } finally {
    made.close()
  }
}
