/** An entry of the change feed as it is written: JSON, stamped, since a revocation that anybody could write would close the house. */
import type { Revocation } from '../../tokens/store.ts'
import type { Stamp } from './stamp.ts'

export type FeedEntry = {
  /** Something below this organization changed; null: something of the installation. */
  org: string | null
  /** Of the organization's last change. */
  n?: number
  revoked?: readonly Revocation[]
}

const place = 'changes'

/** Without an entry: a greeting. */
export function writeEntry(stamp: Stamp, from: string, entry: FeedEntry | undefined): string {
  return stamp.on(JSON.stringify(entry ? { ...entry, from } : { from }), place)
}

/** Throws TypeError on what none of us wrote, or no replica of this version can read. */
export function parseEntry(stamp: Stamp, stamped: string): { from: string; entry: FeedEntry | undefined } {
  const text = stamp.read(stamped, place)
  if (text === undefined) throw new TypeError('it does not bear our stamp')
  const value: unknown = JSON.parse(text)
  if (!isObject(value) || typeof value.from !== 'string') throw new TypeError('it does not say whose it is')
  const { from, org, n, revoked } = value
  if (org === undefined && n === undefined && revoked === undefined) return { from, entry: undefined }
  if (org !== null && typeof org !== 'string') throw new TypeError('its organization is no name')
  if (n !== undefined && !Number.isSafeInteger(n)) throw new TypeError('its number is none')
  if (revoked !== undefined && !(Array.isArray(revoked) && revoked.every(isRevocation)))
    throw new TypeError('its revocations are none')
  return { from, entry: { org, ...(n !== undefined && { n: n as number }), ...(revoked && { revoked }) } }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

const isRevocation = (value: unknown): value is Revocation =>
  isObject(value) && typeof value.id === 'string' && Number.isFinite(value.before) && Number.isFinite(value.expiresAt)
