import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The master key of an embedded installation: 32 bytes, made once, kept in DATA_DIR/master.key (0600) as base64. The folder must be there. */
export function masterKeyIn(dataDir: string): Buffer {
  const path = join(dataDir, 'master.key')
  try {
    // `wx`: of two that start at once, one makes it and the other reads it.
    writeFileSync(path, `${randomBytes(32).toString('base64')}\n`, { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const key = Buffer.from(readFileSync(path, 'utf8').trim(), 'base64')
  if (key.length !== 32) throw new Error(`${path} is not a master key: it must hold 32 bytes in base64`)
  return key
}
