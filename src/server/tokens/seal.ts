/** Secrets at rest: AES-256-GCM under the master key. `aad` binds a ciphertext to the place it belongs to. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

export type Seal = {
  close(plain: Buffer, aad: string): string
  /** Throws SealError when it was sealed under another key, for another place, or was changed. */
  open(sealed: string, aad: string): { plain: Buffer; previous: boolean }
}

export class SealError extends Error {
  override readonly name = 'SealError'
}

/** `key` and `previous`: 32 bytes each. What `previous` alone can open says so, to be sealed anew. */
export function createSeal(key: Buffer, previous?: Buffer): Seal {
  return {
    close(plain, aad) {
      const iv = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(aad))
      return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]).toString('base64')
    },
    open(sealed, aad) {
      const bytes = Buffer.from(sealed, 'base64')
      const plain = tryOpen(key, bytes, aad)
      if (plain) return { plain, previous: false }
      const old = previous && tryOpen(previous, bytes, aad)
      if (old) return { plain: old, previous: true }
      throw new SealError(`what is kept for ${aad} does not open with this master key`)
    },
  }
}

function tryOpen(key: Buffer, bytes: Buffer, aad: string): Buffer | undefined {
  if (bytes.length < 28) return undefined
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), { authTagLength: 16 })
  decipher.setAAD(Buffer.from(aad)).setAuthTag(bytes.subarray(-16))
  try {
    return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()])
  } catch {
    return undefined
  }
}
