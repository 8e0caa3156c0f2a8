/** What the trail says of a policy: when it last granted, and what the tokens were that it granted. */
import type { Json, JsonObject } from '../../protocol/json.ts'
import type { TrailStore } from '../audit/store.ts'
import type { ClaimsSeen } from '../trust/lint/reading.ts'
import type { Scalar, TrustPolicy } from '../trust/policy.ts'
import type { Trail } from './judging.ts'

const looksBack = 90 * 86_400_000
/** Grants of the account that are looked at, newest first; beyond them nothing is said. */
const most = 100

export async function trailOf(
  trail: Pick<TrailStore, 'list'>,
  { orgId, accountId, id, updatedAt }: TrustPolicy,
  now: number,
): Promise<Trail> {
  const query = { orgId, actor: accountId, type: 'token.exchange', result: 'granted', order: 'newest' } as const
  const grants = await trail.list({ ...query, from: now - looksBack, limit: most })
  const details = grants.map(({ at, body }) => ({ at, detail: (JSON.parse(body) as { detail: JsonObject }).detail }))
  const own = details.filter(({ detail }) => detail.policy === id)
  // Others' grants may hide when it was last used, and an event of an earlier version does not say by which.
  const isWhole = grants.length < most && details.every(({ detail }) => 'policy' in detail)
  const usage = own[0] || isWhole ? { usage: { lastUsedAt: own[0]?.at ?? null, createdAt: updatedAt, now } } : {}
  return { ...usage, claimsSeen: seenIn(own.map(({ detail }) => detail.claims)) }
}

/** Each claim with all the values that it had: by its name, or, of what is within, by its JSON pointer. */
function seenIn(tokens: readonly (Json | undefined)[]): ClaimsSeen {
  const seen: Record<string, Scalar[]> = Object.create(null)
  const note = (claim: string, value: Json | undefined, within: string) => {
    if (value === null || value === undefined || Array.isArray(value)) return
    if (typeof value === 'object') {
      for (const [name, inner] of Object.entries(value)) {
        const pointer = `${within}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
        note(within === '' ? name : pointer, inner, pointer)
      }
    } else {
      seen[claim] ??= []
      if (!seen[claim].includes(value as Scalar)) seen[claim].push(value as Scalar)
    }
  }
  for (const claims of tokens) note('', claims, '')
  return seen
}
