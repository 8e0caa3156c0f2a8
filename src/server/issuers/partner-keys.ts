/**
 * Whom we believe when they say that a secret of ours lies open: partners of GitHub's secret scanning programme sign what
 * they report (ECDSA, P-256, SHA-256, DER in base64, over the raw body) with one of the keys that they publish.
 * Rules: the keys come through the guarded fetch; a good set is never replaced by an unreadable one, and serves for a day
 * while the partner is away; a stranger's made-up key causes one fetch in five minutes; whoever waits for one shares it.
 */
import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import { Refusal } from '../errors/refusal.ts'
import type { Outbound } from './outbound.ts'

/** `keyId` and `signature`: as the report bears them. Throws Refusal: report_unproven, partner_unavailable. */
export type VerifyReport = (body: Buffer, keyId: string, signature: string) => Promise<void>

/** `url`: where the partner publishes its keys. `now`: ms. */
type Needs = { outbound: Pick<Outbound, 'get'>; url: string; now: () => number }
type Held = { keys: ReadonlyMap<string, KeyObject>; at: number }

/** All in ms. */
const fresh = 3_600_000
const stale = 24 * 3_600_000
const quiet = 300_000
const mostKeys = 100

export function createVerifyReport({ outbound, url, now }: Needs): VerifyReport {
  let held: Held | undefined
  let tried: number | undefined
  let fetching: Promise<void> | undefined

  async function fetchKeys(): Promise<void> {
    tried = now()
    const { json } = await outbound.get(url)
    const keys = keysIn(json.public_keys)
    if (keys.size > 0) held = { keys, at: now() }
  }
  /** ms, of quiet time that is left; none when the clock was set back. */
  const quietFor = (): number => {
    const since = tried === undefined ? quiet : now() - tried
    return since < 0 ? 0 : Math.max(0, quiet - since)
  }
  /** One at a time, and none in quiet time. */
  const refresh = async (): Promise<void> => {
    if (!fetching && quietFor() > 0) return
    fetching ??= fetchKeys()
      // That they are away is said by what is known then.
      .catch(() => {})
      .finally(() => {
        fetching = undefined
      })
    await fetching
  }
  const known = (): Held | undefined => (held && now() - held.at < stale ? held : undefined)

  return async (body, keyId, signature) => {
    if (!held || now() - held.at > fresh || !held.keys.has(keyId)) await refresh()
    const set = known()
    if (!set) throw new Refusal('partner_unavailable')
    const key = set.keys.get(keyId)
    // It may be one that the partner has made since: a no is for ever, and the secret would live on.
    if (!key) throw new Refusal('partner_unavailable', { retryAfter: Math.ceil(quietFor() / 1000) })
    const der = Buffer.from(signature, 'base64')
    if (der.toString('base64') !== signature || !verify('sha256', body, key, der)) throw new Refusal('report_unproven')
  }
}

/** Those of the one kind that reports are signed with. */
function keysIn(list: unknown): Map<string, KeyObject> {
  const keys = new Map<string, KeyObject>()
  for (const one of Array.isArray(list) ? list.slice(0, mostKeys) : []) {
    const { key_identifier: id, key: pem } = (one ?? {}) as Record<string, unknown>
    const key = typeof pem === 'string' ? imported(pem) : undefined
    if (typeof id === 'string' && key?.asymmetricKeyDetails?.namedCurve === 'prime256v1') keys.set(id, key)
  }
  return keys
}

function imported(pem: string): KeyObject | undefined {
  try {
    return createPublicKey(pem)
  } catch {
    return undefined
  }
}
