/** A disk of its own that a test can fill to the last byte, and give back. Whoever may not mount one has none. */
import { execFile } from 'node:child_process'
import { chmodSync, closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

export type SmallDisk = {
  path: string
  /** Leaves not one page free. What is written afterwards finds no room. */
  fill(): void
  /** As it was before it was filled. */
  free(): void
  close(): Promise<void>
}

const run = promisify(execFile)

/** Says why tests of full disks are skipped here. */
function none(why: string): undefined {
  process.stderr.write(`no disk can be filled here, so what happens then is not shown: ${why}\n`)
}

/** In memory, of so many MB. Undefined where this is not allowed: it takes root, and a kernel that lets it mount. */
export async function mountSmallDisk(megabytes: number): Promise<SmallDisk | undefined> {
  if (process.getuid?.() !== 0) return none('only root may mount one')
  const path = mkdtempSync(join(tmpdir(), 'countersign-disk-'))
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path])
  } catch (error) {
    rmSync(path, { recursive: true })
    return none((error as Error).message)
  }
  chmodSync(path, 0o777)
  const ballast = join(path, 'ballast')
  return {
    path,
    fill() {
      const file = openSync(ballast, 'a')
      try {
        for (const bytes of [Buffer.alloc(1_048_576, 1), Buffer.alloc(4_096, 1)]) fillWith(file, bytes)
      } finally {
        closeSync(file)
      }
    },
    free: () => rmSync(ballast, { force: true }),
    async close() {
      // Lazily: a server that was told to end may have a file open yet.
      await run('umount', ['-l', path])
      rmSync(path, { recursive: true, force: true })
    },
  }
}

function fillWith(file: number, bytes: Buffer): void {
  for (;;)
    try {
      writeSync(file, bytes)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return
      throw error
    }
}
