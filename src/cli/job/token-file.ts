import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Io } from '../io.ts'

export type TokenFile = {
  path: string
  /** Whoever reads finds the old one whole, or the new one. */
  write(token: string): void
  remove(): void
}

/** 0600, in a folder of its own (0700): below what the runner clears away, or what lives in memory, else the usual one. */
export function createTokenFile({ env }: Pick<Io, 'env'>, token: string): TokenFile {
  const folder = mkdtempSync(join(env.RUNNER_TEMP || env.XDG_RUNTIME_DIR || env.TMPDIR || tmpdir(), 'countersign-'))
  const path = join(folder, 'access-token')
  const remove = () => {
    process.off('exit', remove)
    rmSync(folder, { recursive: true, force: true })
  }
  // Also where this process ends by a mistake of its own.
  process.on('exit', remove)
  const write = (text: string) => {
    const fresh = `${path}.fresh`
    rmSync(fresh, { force: true })
    writeFileSync(fresh, text, { mode: 0o600, flag: 'wx' })
    renameSync(fresh, path)
  }
  try {
    write(token)
  } catch (error) {
    remove()
    throw error
  }
  return { path, write, remove }
}
