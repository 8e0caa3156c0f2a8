import type { Entry, TrailStore } from '../audit/store.ts'

/** Of one request. */
const most = 50

/**
 * The exchange of this request, the newest where it was decided more than once. Those of a team are for its admins
 * (`teams`), and for the organization's. A refusal that no account was found for is of no team: any admin of one who was
 * told its request id, which nobody guesses, may ask what their own policies missed.
 */
export async function exchangeOnRecord(
  trail: Pick<TrailStore, 'list'>,
  orgId: string,
  requestId: string,
  teams: 'all' | readonly string[],
): Promise<Entry | undefined> {
  const events = await trail.list({ orgId, requestId, order: 'newest', limit: most })
  const exchange = events.find(({ type }) => type === 'token.exchange')
  if (!exchange || teams === 'all') return exchange
  const { teamId, result } = exchange
  const isTheirs = teamId === null ? result === 'refused' && teams.length > 0 : teams.includes(teamId)
  return isTheirs ? exchange : undefined
}
