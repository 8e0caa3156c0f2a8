import { everything } from '../tokens/claims.ts'
import { keptFor } from '../tokens/revocations.ts'
import type { RevocationStore } from '../tokens/store.ts'
import type { SessionStore } from './session.ts'

/** What sessions stand for, or come from. */
const form = /^(?:user|sa|key)_/

/** Whatever ends the tokens of something, ends the sessions of it too: all, or those made until then (ms). */
export async function endSessionsOf(
  sessions: Pick<SessionStore, 'end'>,
  ids: readonly string[],
  until = Number.MAX_SAFE_INTEGER,
): Promise<void> {
  if (ids.includes(everything)) return sessions.end('all', until)
  const ending = ids.filter((id) => form.test(id))
  if (ending.length > 0) await sessions.end(ending, until)
}

/**
 * Whether somebody may have been revoked after they were let in (ms): for what stood for nobody then, or for somebody else,
 * and so was not ended. What was so long ago that revocations are forgotten is none the better for that.
 */
export async function isRevokedSince(
  revocations: Pick<RevocationStore, 'find'>,
  userId: string,
  letInAt: number,
  now: number,
): Promise<boolean> {
  if (now - letInAt >= keptFor) return true
  const revoked = await revocations.find(userId)
  return revoked !== undefined && revoked.before >= letInAt
}
