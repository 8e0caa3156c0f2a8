/** Whether the URL in use is the one that the service is known by: tokens are made for it, and ours bear it. */
import type { JsonObject } from '../../protocol/json.ts'
import type { Session } from '../session.ts'
import { type Check, doubtful } from './check.ts'

/** What the service says of the organization at hand, which everybody may ask; undefined when none is named. Throws Failure. */
export async function saidOfOrg(session: Session): Promise<JsonObject | undefined> {
  const { org } = session.aim()
  if (org === undefined) return undefined
  return session.client().call('GET', `/orgs/${encodeURIComponent(org)}/.well-known/countersign`)
}

export function checkAddress({ url }: { url: string }, said: JsonObject): Check[] {
  const own = baseOf(said)
  if (own === url) return []
  const message = `it calls itself ${own}, and is called ${url} here: a job would ask for a token for the wrong one`
  return [doubtful('address', message, `COUNTERSIGN_URL=${said.audience}`)]
}

/** What the service takes for its own URL. */
const baseOf = ({ audience }: JsonObject): string => String(audience).replace(/\/orgs\/[^/]*$/, '')
