import type { JsonObject } from '../protocol/json.ts'
import { printable } from './cell.ts'
import type { Session } from './session.ts'

/** An object that was just made. Its secret is in this answer alone: for people it stands by itself. */
export async function shownOnce(session: Session, object: JsonObject): Promise<void> {
  const { api_key, secret, ...rest } = object
  const key = api_key ?? secret
  if (session.isForPrograms || key === undefined || key === null) return session.tell(object)
  await session.tell(rest)
  session.data(`\nThe API key, which is shown this once and kept nowhere:\n\n  ${printable(String(key))}\n`)
}
