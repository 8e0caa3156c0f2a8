/** Files that are whole or not there: written beside their place, on disk, and only then given their name. */
import { closeSync, copyFileSync, existsSync, fsyncSync, linkSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'

/** What SQLite keeps beside a database. */
export const besides = ['-wal', '-shm', '-journal'] as const

/** A file of ours alone, which must not be there yet. */
export const makeFile = (path: string): void => closeSync(openSync(path, 'wx', 0o600))

/** To disk, be it a file or a folder. */
export function sync(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

export function discard(path: string): void {
  for (const suffix of ['', ...besides]) rmSync(path + suffix, { force: true })
}

/** The same content under a second name, which must not be taken. */
export function alsoAs(path: string, name: string): void {
  if (links(path, name)) return
  makeFile(name)
  copyFileSync(path, name)
  sync(name)
}

/** Gives the file its name: in place of what is there, or, without `force`, of nothing. */
export function place(path: string, name: string, force: boolean): void {
  sync(path)
  // A link fails where the name is taken, a renaming does not; where there are no links, a look has to do.
  if (!force && links(path, name)) rmSync(path)
  else if (!force && existsSync(name)) throw taken(name)
  else renameSync(path, name)
  sync(dirname(name))
}

const taken = (name: string) => new Error(`${name} exists already: choose another name, or say --force`)

/** False where the file system has no links. */
function links(path: string, name: string): boolean {
  try {
    linkSync(path, name)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw taken(name)
    return false
  }
}
