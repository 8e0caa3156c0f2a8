/**
 * The form of an API key: `csk_`, 43 characters of base62 (256 bits), and the CRC-32 of all that in 6 characters, so
 * that a scanner can tell a key from noise without asking anybody. Pure but for SHA-256; the randomness comes in.
 */
import { hash } from 'node:crypto'
import { crc32 } from 'node:zlib'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const prefix = 'csk_'
const form = /^csk_[0-9A-Za-z]{49}$/

/** A key made of 32 random bytes. */
export function formatApiKey(random: Uint8Array): string {
  if (random.length !== 32) throw new RangeError('an API key needs 32 random bytes')
  const body = prefix + base62(BigInt(`0x${Buffer.from(random).toString('hex')}`), 43)
  return body + checksum(body)
}

/** Whether the text has the form of a key and its checksum fits. Says nothing about whether it is one of ours. */
export function isApiKey(text: string): boolean {
  return form.test(text) && checksum(text.slice(0, -6)) === text.slice(-6)
}

/** Why the text is none, as a sentence without its subject; undefined when it has the form of one. */
export function faultOf(text: string): string | undefined {
  if (isApiKey(text)) return undefined
  if (!text.startsWith(prefix)) return `is none: it does not begin with ${prefix}`
  if (!/^[0-9A-Za-z]*$/.test(text.slice(prefix.length)))
    return 'is none: it holds something else than letters and digits'
  const length = prefix.length + 49
  if (text.length !== length) return `is none: it has ${text.length} characters, and a key has ${length}`
  return 'is none: its checksum does not fit, so it was mistyped, cut or made up'
}

/** What is kept of a key, and what it is found by: hex SHA-256 of the whole. */
export function digestOf(secret: string): string {
  return hash('sha256', secret, 'hex')
}

/** The first 8 and last 4 characters. */
export function hintOf(secret: string): string {
  return `${secret.slice(0, 8)}…${secret.slice(-4)}`
}

/** In numbers, not bigints: it is worked out for every key that comes in. */
function checksum(body: string): string {
  let out = ''
  for (let rest = crc32(body); out.length < 6; rest = Math.floor(rest / 62)) out = alphabet[rest % 62] + out
  return out
}

function base62(value: bigint, length: number): string {
  let out = ''
  for (let rest = value; rest > 0n; rest /= 62n) out = alphabet[Number(rest % 62n)] + out
  return out.padStart(length, '0')
}
