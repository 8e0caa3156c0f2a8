/** What the text of one setting means. Throws SettingError with one line that names it. */
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { type IssuerNetwork, parseIssuerNetwork } from './issuers/network.ts'

/** A setting that cannot be. The message is the one line that the operator reads. */
export class SettingError extends Error {
  override readonly name = 'SettingError'
}

/** The text of a setting, by its name; undefined when it has none. */
export type Raw = (name: string) => string | undefined

export function whole(raw: Raw, name: string, least: number, most: number): number {
  const text = raw(name) ?? ''
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < least || value > most)
    throw new SettingError(`${name}: must be a whole number from ${least} to ${most}, not "${text}"`)
  return value
}

export function oneOf<T extends string>(raw: Raw, name: string, values: readonly T[]): T {
  const text = raw(name)
  const found = values.find((value) => value === text)
  if (!found) throw new SettingError(`${name}: must be one of ${values.join(', ')}, not "${text}"`)
  return found
}

export function secret(raw: Raw, name: string): string | undefined {
  const path = raw(`${name}_FILE`)
  if (raw(name) !== undefined || path === undefined) return raw(name)
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    throw new SettingError(`${name}_FILE: cannot read ${path}: ${(error as NodeJS.ErrnoException).code}`)
  }
}

export function masterKey(text: string | undefined, name: string): Buffer | undefined {
  if (text === undefined) return undefined
  const key = Buffer.from(text, 'base64')
  if (!/^[\w+/-]{43}=?$/.test(text) || key.length !== 32)
    throw new SettingError(`${name}: must be 32 bytes in base64 (openssl rand -base64 32)`)
  return key
}

export function publicUrl(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash || url.username || url.password)
    throw new SettingError(
      `PUBLIC_URL: must be an http(s) URL without query, fragment or user, not "${withoutUser(text)}"`,
    )
  if (!/^[\w.~/-]*$/.test(url.pathname))
    throw new SettingError(`PUBLIC_URL: its path may hold letters, digits and - . _ ~ only: "${text}"`)
  if (text.endsWith('/')) throw new SettingError(`PUBLIC_URL: must not end with a slash: "${text}"`)
  if (text !== url.href.replace(/\/$/, ''))
    throw new SettingError(`PUBLIC_URL: write it in its normal form: "${url.href.replace(/\/$/, '')}"`)
  return text
}

export function issuerNetwork(text: string): IssuerNetwork {
  try {
    return parseIssuerNetwork(text)
  } catch (error) {
    throw new SettingError((error as Error).message)
  }
}

export function proxies(text: string): readonly string[] {
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)
  for (const part of parts) {
    const [address = '', bits = '0', ...rest] = part.split('/')
    const most = isIP(address) === 4 ? 32 : isIP(address) === 6 ? 128 : -1
    if (!/^\d{1,3}$/.test(bits) || Number(bits) > most || rest.length > 0)
      throw new SettingError(`TRUST_PROXY: must be a comma list of addresses or CIDRs; "${part}" is neither`)
  }
  return parts
}

/** Undefined: the embedded one, in DATA_DIR. */
export function databaseUrl(text: string | undefined): string | undefined {
  if (text === undefined || text.startsWith('sqlite:')) return text
  if (!/^postgres(ql)?:\/\/[^/]/.test(text) || !URL.canParse(text))
    throw new SettingError('DATABASE_URL: must be sqlite:PATH or postgres://USER:PASSWORD@HOST:PORT/DATABASE')
  return text
}

export type RedisMode = 'single' | 'sentinel' | 'cluster'
export type RedisSettings = {
  /** redis:// or rediss:// URLs: one; in the other modes those of the sentinels, or of some nodes. */
  urls: readonly string[]
  mode: RedisMode
  /** The name under which the sentinels know the master. */
  sentinelName: string
}

export function redis(text: string | undefined, mode: RedisMode, sentinelName: string): RedisSettings | undefined {
  if (text === undefined) return undefined
  const urls = text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)
  for (const url of urls) {
    if (!URL.canParse(url) || !/^rediss?:$/.test(new URL(url).protocol))
      throw new SettingError(
        'REDIS_URL: must be redis://HOST:PORT or rediss://HOST:PORT; a comma list in the other modes',
      )
  }
  if (urls.length > 1 && mode === 'single')
    throw new SettingError('REDIS_URL: more than one address needs REDIS_MODE=cluster or sentinel')
  return { urls, mode, sentinelName }
}

export type SsoSettings = { issuer: string; clientId: string; clientSecret: string }

/** On this machine, and nowhere else. */
export const isLoopback = ({ hostname }: URL): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname)

/** Undefined: nobody signs in by a provider. */
export function sso(raw: Raw, network: IssuerNetwork): SsoSettings | undefined {
  const given = {
    SSO_ISSUER: raw('SSO_ISSUER'),
    SSO_CLIENT_ID: raw('SSO_CLIENT_ID'),
    SSO_CLIENT_SECRET: secret(raw, 'SSO_CLIENT_SECRET'),
  }
  const { SSO_ISSUER: issuer, SSO_CLIENT_ID: clientId, SSO_CLIENT_SECRET: clientSecret } = given
  if (issuer === undefined && clientId === undefined && clientSecret === undefined) return undefined
  if (issuer === undefined || clientId === undefined || clientSecret === undefined) {
    const missing = Object.entries(given).find(([, value]) => value === undefined)
    throw new SettingError(`${missing?.[0]}: SSO_ISSUER, SSO_CLIENT_ID and SSO_CLIENT_SECRET are set together, or none`)
  }
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined
  if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash || url.username || url.password)
    throw new SettingError(
      `SSO_ISSUER: must be an https URL without query, fragment or user, not "${withoutUser(issuer)}"`,
    )
  if (url.protocol === 'http:' && network.kind !== 'any' && !isLoopback(url))
    throw new SettingError('SSO_ISSUER: must be an https URL, but on this machine (or with ISSUER_NETWORK=any)')
  return { issuer, clientId, clientSecret }
}

export function httpUrl(text: string | undefined, name: string): string | undefined {
  if (text === undefined) return undefined
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new SettingError(`${name}: must be an http(s) URL, not "${withoutUser(text)}"`)
  return text.replace(/\/$/, '')
}

/** For who reads it: what stands before the host may be a password. */
const withoutUser = (text: string) => text.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, '$1…@')
