/**
 * Nonces for proofs of possession (RFC 9449 §9). One says when it was handed out, and only who knows the secret can make
 * one: nothing is kept, and replicas of an API that share the secret know each other's. It serves for five minutes.
 */
export type Nonces = { issue(): Promise<string>; isFresh(nonce: unknown): Promise<boolean> }

/** Seconds. */
const serves = 300
const macLength = 24

/** `now`: ms since 1970. */
export function createNonces({ secret, now }: { secret: string; now: () => number }): Nonces {
  const bytes = (text: string) => new TextEncoder().encode(text)
  const hmac = { name: 'HMAC', hash: 'SHA-256' }
  let imported: ReturnType<typeof crypto.subtle.importKey> | undefined
  async function made(at: string): Promise<string> {
    imported ??= crypto.subtle.importKey('raw', bytes(secret), hmac, false, ['sign'])
    const mac = new Uint8Array(await crypto.subtle.sign('HMAC', await imported, bytes(`dpop nonce ${at}`)))
    const hex = Array.from(mac, (byte) => byte.toString(16).padStart(2, '0')).join('')
    return `${at}-${hex.slice(0, 2 * macLength)}`
  }
  const seconds = () => Math.floor(now() / 1000)
  return {
    issue: () => made(String(seconds())),
    async isFresh(nonce) {
      const [, at = ''] = (typeof nonce === 'string' && /^(\d{1,12})-[0-9a-f]+$/.exec(nonce)) || []
      const age = seconds() - Number(at || Number.NaN)
      // Replicas' clocks may differ by a minute. What is compared is public to whoever could time it: its own nonce.
      return age >= -60 && age <= serves && (await made(at)) === nonce
    },
  }
}
