import { everything } from '../tokens/claims.ts'
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
