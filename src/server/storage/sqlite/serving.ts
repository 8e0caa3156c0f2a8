/**
 * One process serves a database: what it revoked and what it forgot, another would not know. The lock is the operating
 * system's, on a file beside the database, so that it ends with the process, however that ends. SQLite takes it, since
 * Node itself cannot lock a file; nothing is ever written there.
 */
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as waited } from 'node:timers/promises'

/** `database`: its path, as it was given. */
export class AlreadyServed extends Error {
  override readonly name = 'AlreadyServed'
  constructor(database: string) {
    super(`another process serves this database (${database})`)
  }
}

const busy = 5
/** In ms. */
const betweenTries = 25

/** Undefined while another has it. A try blocks nobody: the wait is ours. */
function tryLock(path: string): DatabaseSync | undefined {
  const file = new DatabaseSync(path, { timeout: 0 })
  try {
    file.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
    return file
  } catch (error) {
    file.close()
    const { errcode = 0 } = error as { errcode?: number }
    if ((errcode & 0xff) === busy) return undefined
    throw error
  }
}

/**
 * Locks the file, which has to be there, until the process ends or calls what this resolves with; to be kept, since the
 * lock goes with it when it is garbage. A predecessor may be ending: waits for it so many ms. Undefined when it goes on.
 */
export async function lockFile(path: string, patienceMs: number): Promise<(() => void) | undefined> {
  const until = Date.now() + patienceMs
  for (;;) {
    const file = tryLock(path)
    if (file) return () => void (file.isOpen && file.close())
    if (Date.now() >= until) return undefined
    await waited(betweenTries)
  }
}
