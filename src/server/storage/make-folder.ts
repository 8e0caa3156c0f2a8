/** Folders that only we read. */
import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Makes the folder (0700) and those above it that are missing. Not with `recursive` of node:fs, which tries again for
 * ever where a file system has no folder to give (/proc/x): this throws ENOENT there.
 */
export function makeFolder(path: string): void {
  if (existsSync(path)) return
  makeFolder(dirname(path))
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    // Of two that start at once, one makes it.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}
