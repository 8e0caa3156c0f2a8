/** What is our own in Redis: whoever else writes there can repeat it in its place, and say nothing new. */
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'

export type Stamp = {
  /** `place`: where it will be found. */
  on(text: string, place: string): string
  /** The text; undefined when none of us wrote it, or not for this place. */
  read(stamped: string, place: string): string | undefined
}

/** Of the master key, which is the same on all replicas; while it is changed, of the previous one too. 32 bytes each. */
export function createStamp(masterKey: Buffer, previous?: Buffer): Stamp {
  const keys = [masterKey, ...(previous ? [previous] : [])].map((key) =>
    Buffer.from(hkdfSync('sha256', key, '', 'countersign shared state', 32)),
  )
  const digest = (key: Buffer, text: string, place: string) =>
    createHmac('sha256', key).update(`${place.length}:${place}${text}`).digest()

  return {
    on: (text, place) => `${digest(keys[0] as Buffer, text, place).toString('base64url')}.${text}`,
    read(stamped, place) {
      const dot = stamped.indexOf('.')
      const shown = Buffer.from(stamped.slice(0, Math.max(dot, 0)), 'base64url')
      const text = stamped.slice(dot + 1)
      if (shown.length !== 32) return undefined
      return keys.some((key) => timingSafeEqual(shown, digest(key, text, place))) ? text : undefined
    },
  }
}
