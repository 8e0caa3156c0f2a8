/**
 * Remembers every secret that the tests of this process meet, where it is born or first used, and finds it again where
 * none belongs: whole or cut, as it is, in base64, base64url, hex, percent-encoding or UTF-16. What has the form of a key
 * of ours, a JWS or a private key is found without being known. A find never repeats the secret.
 */
import { createPrivateKey } from 'node:crypto'
import { isApiKey } from '../../src/server/accounts/api-key.ts'

export type Kind =
  | 'an API key'
  | "the operator's key"
  | 'the secret of a set-up link'
  | 'a subject token'
  | 'an access token'
  | 'a master key'
  | 'a password'
  | 'a private key'
  | 'a signed token'
  | 'a chosen secret'
export type Leak = { kind: Kind; where: string; context: string }
export type Leaks = ReturnType<typeof createLeaks>

/** Bytes of a secret, or of a spelling of it, that are looked for: less than that may be chance. */
const width = 16
/** A text is looked for at so many places of it. */
const mostWindows = 8
/** What has fewer characters that differ is no secret that anybody could know again. */
const leastVariety = 10

export function createLeaks() {
  const windows = new Map<string, Kind>()
  const known = new Set<string>()
  /** By the first four bytes of a window, six bits of each: nearly every place is passed over without a second look. */
  const begins = new Uint8Array(1 << 24)

  const look = (kind: Kind, window: string): void => {
    if (window.length !== width || windows.has(window)) return
    windows.set(window, kind)
    let begin = 0
    for (let i = 0; i < 4; i++) begin = ((begin << 6) ^ window.charCodeAt(i)) & 0xffffff
    begins[begin] = 1
  }

  function lookForBytes(kind: Kind, bytes: Buffer): void {
    const step = Math.max(8, Math.floor((bytes.length - width) / mostWindows))
    for (let at = 0; at + width <= bytes.length; at += step) {
      look(kind, bytes.toString('latin1', at, at + width))
      const hex = bytes.toString('hex', at, at + width / 2)
      look(kind, hex)
      look(kind, hex.toUpperCase())
      // Whatever stands before it in what is encoded: one of three beginnings is in step with it.
      for (let shift = 0; shift < 3; shift++) {
        look(kind, bytes.toString('base64', at + shift, at + shift + 12))
        look(kind, bytes.toString('base64url', at + shift, at + shift + 12))
      }
    }
  }

  /** Of a token it is the signature that opens the door; the rest of it is known by its form. */
  function learn(kind: Kind, secret: string | Buffer): void {
    const key = typeof secret === 'string' ? secret : secret.toString('latin1')
    if (known.has(key)) return
    known.add(key)
    if (new Set(key).size < leastVariety) return
    if (typeof secret !== 'string') {
      lookForBytes(kind, secret)
      return
    }
    const telling = /token$/.test(kind) ? secret.slice(secret.lastIndexOf('.') + 1) : secret.replace(/^csk_/, '')
    lookForBytes(kind, Buffer.from(telling))
    const escaped = encodeURIComponent(telling)
    if (escaped !== telling) lookForBytes(kind, Buffer.from(escaped))
    for (const at of [0, Math.max(0, Math.floor(telling.length / 2) - 8)])
      look(kind, Buffer.from(telling.slice(at, at + width / 2), 'utf16le').toString('latin1'))
  }

  /** Where a secret that was met begins in these bytes. */
  function* met(bytes: Uint8Array, text: string): Generator<[kind: Kind, at: number]> {
    let begin = 0
    for (let i = 0; i < bytes.length; i++) {
      begin = ((begin << 6) ^ (bytes[i] as number)) & 0xffffff
      if (begins[begin] !== 1) continue
      const kind = windows.get(text.slice(i - 3, i - 3 + width))
      if (kind) yield [kind, i - 3]
    }
  }

  /** One find of each kind. */
  function search(where: string, data: string | Uint8Array): Leak[] {
    const bytes = typeof data === 'string' ? Buffer.from(data) : Buffer.from(data.buffer, data.byteOffset, data.length)
    const text = bytes.toString('latin1')
    const found = new Map<Kind, Leak>()
    const find = (kind: Kind, at: number) => {
      if (!found.has(kind)) found.set(kind, { kind, where: masked(where), context: contextOf(text, at, kind) })
    }
    for (const [kind, at] of met(bytes, text)) find(kind, at)
    for (const [kind, form, isIt] of forms)
      for (const match of text.matchAll(form)) if (isIt(match)) find(kind, match.index)
    return [...found.values()]
  }

  /** Throws an Error that lists what was found. */
  function refuse(where: string, ...data: readonly (string | Uint8Array)[]): void {
    complain(data.flatMap((each) => search(where, each)))
  }

  /** What an answer shows once: a key, a token. What is left of its text when that is taken out. */
  function learnFromAnswer(body: Record<string, unknown>, text: string): string {
    const shown = [
      ['an API key', body.api_key],
      ['an API key', body.secret],
      ['an access token', body.access_token],
    ] as const
    let rest = text
    // Whoever signs out shows their provider what it gave them: in the address that they are told to go to.
    const hint =
      typeof body.logout_url === 'string' ? URL.parse(body.logout_url)?.searchParams.get('id_token_hint') : null
    if (hint) {
      learn('a signed token', hint)
      rest = rest.replaceAll(hint, '')
    }
    for (const [kind, secret] of shown) {
      if (typeof secret !== 'string' || secret.length < width) continue
      learn(kind, secret)
      rest = rest.replaceAll(secret, '')
    }
    return rest
  }

  /** A key in DER (PKCS #8): what is private in it. */
  function learnPrivateKey(der: Buffer): void {
    const jwk = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }).export({ format: 'jwk' })
    for (const member of [jwk.d, jwk.p, jwk.q])
      if (typeof member === 'string') learn('a private key', Buffer.from(member, 'base64url'))
  }

  /** 32 bytes, base64. */
  function learnMasterKey(text: string): void {
    learn('a master key', text)
    learn('a master key', Buffer.from(text, 'base64'))
  }

  /** Those in the environment of a service. */
  function learnFromEnv(env: Readonly<Record<string, string | undefined>>): void {
    if (env.OPERATOR_KEY) learn("the operator's key", env.OPERATOR_KEY)
    for (const key of [env.MASTER_KEY, env.MASTER_KEY_PREVIOUS]) if (key) learnMasterKey(key)
    for (const url of [env.DATABASE_URL, ...(env.REDIS_URL ?? '').split(',')]) {
      const password = url && URL.canParse(url) ? decodeURIComponent(new URL(url).password) : ''
      if (password !== '') learn('a password', password)
    }
  }

  return { learn, learnFromAnswer, learnFromEnv, learnMasterKey, learnPrivateKey, search, refuse }
}

/** Throws an Error that lists them, if there are any. */
export function complain(found: readonly Leak[]): void {
  if (found.length === 0) return
  const lines = found.map(({ kind, where, context }) => `  ${kind} in ${where}: ${context}`)
  throw new Error(`secrets where none belongs:\n${[...new Set(lines)].slice(0, 20).join('\n')}`)
}

const forms: readonly [Kind, RegExp, (match: RegExpMatchArray) => boolean][] = [
  ['an API key', /csk(?:_|%5[Ff])([0-9A-Za-z]{49})/g, ([, rest]) => isApiKey(`csk_${rest}`)],
  ['a signed token', /(?:eyJ|eyA|ew(?:0K|ogI|oJ|oi[Yad]))[\w-]{8,}\.[\w-]{2,}\.[\w-]{20,}/g, () => true],
  ['a private key', /-----BEGIN [A-Z ]*PRIVATE KEY/g, () => true],
  ['a private key', /\\*"d\\*"\s*:\s*\\*"[\w-]{40,}/g, () => true],
]

const inWord = /[\w.%+/=~-]/
const around = 40

/** What stands on both sides of a find, with everything masked that could be a secret. */
function contextOf(text: string, at: number, kind: Kind): string {
  let [from, to] = [at, at + width]
  while (from > 0 && inWord.test(text[from - 1] as string)) from--
  while (to < text.length && inWord.test(text[to] as string)) to++
  const shown = (part: string) => masked(part.replace(/[^ -~]+/g, '·'))
  return `${shown(text.slice(Math.max(0, from - around), from))}«${kind}»${shown(text.slice(to, to + around))}`
}

const masked = (text: string): string => text.replace(/[\w.%+=~-]{20,}/g, '…')

/** Of this process. */
export const leaks: Leaks = createLeaks()
