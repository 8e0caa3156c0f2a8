/**
 * Where a setting comes from: config/default.yaml, config/local.yaml, the environment; the later wins.
 * Rules of this room: the only reader of process.env; what it returns is frozen and judged; an unknown key or a value
 * that cannot be throws SettingError with one line that names it.
 */
import { existsSync, readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join, resolve } from 'node:path'
import { parse } from 'yaml'
import { type TokenAlgorithm, tokenAlgorithms } from '../protocol/oauth.ts'
import { type IssuerNetwork, parseIssuerNetwork } from './issuers/network.ts'

export type Settings = Readonly<{
  host: string
  port: number
  /** Without a trailing slash; undefined: http://HOST:PORT, known once it listens. */
  publicUrl: string | undefined
  dataDir: string
  databaseUrl: string | undefined
  masterKey: Buffer | undefined
  masterKeyPrevious: Buffer | undefined
  operatorKey: string | undefined
  issuerNetwork: IssuerNetwork
  trustProxy: readonly string[]
  tokenAlg: TokenAlgorithm
  limitFailedPerMinute: number
  limitIssuerFetchesPerMinute: number
  limitEvaluationsPerRequest: number
  signingKeyDays: number
  logLevel: string
  drainSeconds: number
}>

/** A setting that cannot be. The message is the one line that the operator reads. */
export class SettingError extends Error {
  override readonly name = 'SettingError'
}

type Source = Record<string, string | undefined>

/** Named in the contract, but not served by this version: better no start than a promise that is not kept. */
const later: Record<string, string> = {
  REDIS_URL: 'more than one process',
  REDIS_MODE: 'more than one process',
  WORKERS: 'more than one process',
  SSO_ISSUER: 'sign-in for people',
  SSO_CLIENT_ID: 'sign-in for people',
  SSO_CLIENT_SECRET: 'sign-in for people',
}

/** Reads config/ below `root` and the environment. Throws SettingError. */
export function loadSettings(root: string, env: Source = process.env): Settings {
  const defaults = readYaml(join(root, 'config/default.yaml'))
  const local = readYaml(join(root, 'config/local.yaml'))
  for (const key of Object.keys(local)) {
    if (!(key in defaults))
      throw new SettingError(`config/local.yaml: ${key} is not a setting; see config/default.yaml`)
  }
  for (const [name, what] of Object.entries(later)) {
    if (env[name] && !(name === 'WORKERS' && env[name] === '1'))
      throw new SettingError(`${name}: ${what} is not in this version yet; unset it`)
  }
  const raw = (name: string) => env[name]?.trim() || local[name] || defaults[name] || undefined
  return settingsOf(raw)
}

function settingsOf(raw: (name: string) => string | undefined): Settings {
  const operatorKey = secret(raw, 'OPERATOR_KEY')
  if (operatorKey !== undefined && !/^[\x21-\x7e]{32,256}$/.test(operatorKey))
    throw new SettingError('OPERATOR_KEY: must be 32 to 256 printable characters without spaces')
  return Object.freeze({
    host: raw('HOST') ?? '127.0.0.1',
    port: whole(raw, 'PORT', 0, 65_535),
    publicUrl: publicUrl(raw('PUBLIC_URL')),
    dataDir: resolve(raw('DATA_DIR') ?? './data'),
    databaseUrl: databaseUrl(raw('DATABASE_URL')),
    masterKey: masterKey(secret(raw, 'MASTER_KEY'), 'MASTER_KEY'),
    masterKeyPrevious: masterKey(raw('MASTER_KEY_PREVIOUS'), 'MASTER_KEY_PREVIOUS'),
    operatorKey,
    issuerNetwork: issuerNetwork(raw('ISSUER_NETWORK') ?? 'public'),
    trustProxy: proxies(raw('TRUST_PROXY') ?? ''),
    tokenAlg: oneOf(raw, 'TOKEN_ALG', tokenAlgorithms),
    limitFailedPerMinute: whole(raw, 'LIMIT_FAILED_PER_MINUTE', 0, 1_000_000),
    limitIssuerFetchesPerMinute: whole(raw, 'LIMIT_ISSUER_FETCHES_PER_MINUTE', 0, 1_000_000),
    limitEvaluationsPerRequest: whole(raw, 'LIMIT_EVALUATIONS_PER_REQUEST', 1, 100_000),
    signingKeyDays: whole(raw, 'SIGNING_KEY_DAYS', 2, 3_650),
    logLevel: oneOf(raw, 'LOG_LEVEL', ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
    drainSeconds:
      raw('DRAIN_SECONDS') === undefined ? (process.stdout.isTTY ? 0 : 5) : whole(raw, 'DRAIN_SECONDS', 0, 600),
  })
}

function readYaml(path: string): Source {
  if (!existsSync(path)) return {}
  let read: unknown
  try {
    read = parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new SettingError(`${path}: ${(error as Error).message.split('\n')[0]}`)
  }
  if (read === null) return {}
  if (typeof read !== 'object' || Array.isArray(read)) throw new SettingError(`${path}: must be a list of KEY: value`)
  return Object.fromEntries(
    Object.entries(read).map(([key, value]) => [key, value === null ? undefined : String(value)]),
  )
}

function whole(raw: (name: string) => string | undefined, name: string, least: number, most: number): number {
  const text = raw(name) ?? ''
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < least || value > most)
    throw new SettingError(`${name}: must be a whole number from ${least} to ${most}, not "${text}"`)
  return value
}

function oneOf<T extends string>(raw: (name: string) => string | undefined, name: string, values: readonly T[]): T {
  const text = raw(name)
  const found = values.find((value) => value === text)
  if (!found) throw new SettingError(`${name}: must be one of ${values.join(', ')}, not "${text}"`)
  return found
}

function secret(raw: (name: string) => string | undefined, name: string): string | undefined {
  const path = raw(`${name}_FILE`)
  if (raw(name) !== undefined || path === undefined) return raw(name)
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    throw new SettingError(`${name}_FILE: cannot read ${path}: ${(error as NodeJS.ErrnoException).code}`)
  }
}

function masterKey(text: string | undefined, name: string): Buffer | undefined {
  if (text === undefined) return undefined
  const key = Buffer.from(text, 'base64')
  if (!/^[\w+/-]{43}=?$/.test(text) || key.length !== 32)
    throw new SettingError(`${name}: must be 32 bytes in base64 (openssl rand -base64 32)`)
  return key
}

function publicUrl(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash || url.username || url.password)
    throw new SettingError(`PUBLIC_URL: must be an http(s) URL without query, fragment or user, not "${text}"`)
  if (!/^[\w.~/-]*$/.test(url.pathname))
    throw new SettingError(`PUBLIC_URL: its path may hold letters, digits and - . _ ~ only: "${text}"`)
  if (text.endsWith('/')) throw new SettingError(`PUBLIC_URL: must not end with a slash: "${text}"`)
  if (text !== url.href.replace(/\/$/, ''))
    throw new SettingError(`PUBLIC_URL: write it in its normal form: "${url.href.replace(/\/$/, '')}"`)
  return text
}

function issuerNetwork(text: string): IssuerNetwork {
  try {
    return parseIssuerNetwork(text)
  } catch (error) {
    throw new SettingError((error as Error).message)
  }
}

function proxies(text: string): readonly string[] {
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

function databaseUrl(text: string | undefined): string | undefined {
  if (text === undefined || text.startsWith('sqlite:')) return text
  if (/^postgres(ql)?:/.test(text))
    throw new SettingError('DATABASE_URL: PostgreSQL is not in this version yet; use sqlite:PATH')
  throw new SettingError('DATABASE_URL: must be sqlite:PATH')
}
