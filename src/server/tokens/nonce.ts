/**
 * Nonces for proofs of possession (RFC 9449 §8): what we hand out says when it was handed out, and nobody else can make
 * one; so nothing has to be kept, and every replica knows those of the others. One serves for five minutes.
 */
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'

export type Nonces = {
  issue(): string
  isFresh(nonce: string): boolean
}

/** `now`: ms. `masterKey`: 32 bytes, the same on all replicas; while it is changed, the previous one too. */
type Needs = { masterKey: Buffer; previous?: Buffer | undefined; now: () => number }

/** ms for which one and the same is issued. */
const period = 30_000
const lastingPeriods = 10
const timeBytes = 6
const macBytes = 18
/** Seconds for which a nonce serves, at the most, and clocks of replicas may differ. */
export const nonceLifetime = ((lastingPeriods + 2) * period) / 1000

export function createNonces({ masterKey, previous, now }: Needs): Nonces {
  const keys = [masterKey, ...(previous ? [previous] : [])].map((key) =>
    Buffer.from(hkdfSync('sha256', key, '', 'countersign dpop nonce', 32)),
  )
  const made = (key: Buffer, at: number): Buffer => {
    const time = Buffer.alloc(timeBytes)
    time.writeUIntBE(at, 0, timeBytes)
    return Buffer.concat([time, createHmac('sha256', key).update(time).digest().subarray(0, macBytes)])
  }
  const current = () => Math.floor(now() / period)
  let last: { at: number; nonce: string } | undefined
  return {
    issue() {
      const at = current()
      if (last?.at !== at) last = { at, nonce: made(keys[0] as Buffer, at).toString('base64url') }
      return last.nonce
    },
    isFresh(nonce) {
      const shown = Buffer.from(nonce, 'base64url')
      if (shown.length !== timeBytes + macBytes) return false
      const at = shown.readUIntBE(0, timeBytes)
      const age = current() - at
      if (age < -1 || age > lastingPeriods) return false
      return keys.some((key) => timingSafeEqual(shown, made(key, at)))
    },
  }
}
