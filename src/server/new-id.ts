/** Where ids get their time and their randomness from. */
import { randomBytes } from 'node:crypto'
import { type NewId, ulid } from '../protocol/ids.ts'

/** `now`: ms since 1970. `newUlid` is for a moment of the caller's own. */
export function createNewId(now: () => number): { newId: NewId; newUlid: (ms: number) => string } {
  const random = createRandom(10)
  const newUlid = (ms: number) => ulid(ms, random())
  return { newUlid, newId: (prefix) => `${prefix}_${newUlid(now())}` }
}

/** So many random bytes at a time, drawn from the system in larger draughts. */
function createRandom(length: number): () => Uint8Array {
  let bytes = Buffer.alloc(0)
  let at = 0
  return () => {
    if (at + length > bytes.length) {
      bytes = randomBytes(400 * length)
      at = 0
    }
    at += length
    return bytes.subarray(at - length, at)
  }
}
