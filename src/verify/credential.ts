/** What a caller shows, and what can be said of it without asking anybody. */

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const keyForm = /^csk_[0-9A-Za-z]{49}$/
const tokenForm = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/
const longest = 16_384

/** `Bearer` (RFC 6750 §2.1), `DPoP` (RFC 9449 §7.1), or the password of `Basic` (RFC 7617 §2), whatever the user name. */
export function credentialIn(authorization: string | null | undefined): string | undefined {
  const [, scheme, value] = /^(bearer|dpop|basic) +(\S+) *$/i.exec(authorization ?? '') ?? []
  if (scheme === undefined || value === undefined) return undefined
  if (scheme.toLowerCase() !== 'basic') return value
  const password = passwordIn(value)
  // RFC 6749 §2.3.1: some clients percent-encode it.
  return password === undefined || kindOf(password) !== 'neither' ? password : decoded(password)
}

/** Whether it is shown as a bound token: then with a proof (RFC 9449 §7.1). */
export const isShownAsBound = (authorization: string | null | undefined): boolean => /^dpop /i.test(authorization ?? '')

/** By its form alone. A key whose checksum does not fit is nobody's. */
export function kindOf(credential: string): 'token' | 'api_key' | 'neither' {
  if (credential.length > longest) return 'neither'
  if (tokenForm.test(credential)) return 'token'
  return keyForm.test(credential) && checksum(credential.slice(0, -6)) === credential.slice(-6) ? 'api_key' : 'neither'
}

/** Hex SHA-256: what is remembered in place of the credential. */
export async function digestOf(credential: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(credential)))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function passwordIn(encoded: string): string | undefined {
  try {
    const pair = new TextDecoder().decode(Uint8Array.from(atob(encoded), (char) => char.charCodeAt(0)))
    const colon = pair.indexOf(':')
    return colon < 0 ? undefined : pair.slice(colon + 1) || undefined
  } catch {
    return undefined
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The CRC-32 (ISO 3309) of ASCII text, in 6 characters of base62. */
function checksum(text: string): string {
  let crc = 0xffffffff
  for (let i = 0; i < text.length; i++) {
    crc ^= text.charCodeAt(i)
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  }
  let rest = (crc ^ 0xffffffff) >>> 0
  let out = ''
  for (; rest > 0; rest = Math.floor(rest / 62)) out = alphabet[rest % 62] + out
  return out.padStart(6, '0')
}
