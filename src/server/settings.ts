/**
 * Where a setting comes from: config/default.yaml, config/local.yaml, the environment; the later wins.
 * Rules of this room: the only reader of process.env; what it returns is frozen and judged; an unknown key or a value
 * that cannot be throws SettingError with one line that names it.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parse } from 'yaml'
import { type TokenAlgorithm, tokenAlgorithms } from '../protocol/oauth.ts'
import type { IssuerNetwork } from './issuers/network.ts'
import {
  databaseUrl,
  httpUrl,
  issuerNetwork,
  masterKey,
  oneOf,
  proxies,
  publicUrl,
  type Raw,
  type RedisSettings,
  redis,
  SettingError,
  type SsoSettings,
  secret,
  sso,
  whole,
} from './setting-values.ts'

export { SettingError } from './setting-values.ts'

export type Settings = Readonly<{
  host: string
  port: number
  /** Without a trailing slash; undefined: http://HOST:PORT, known once it listens. */
  publicUrl: string | undefined
  dataDir: string
  /** postgres:// or sqlite:; undefined: the embedded one, in DATA_DIR. */
  databaseUrl: string | undefined
  /** Connections of one process. */
  databasePoolSize: number
  /** Undefined: this process shares with nobody. */
  redis: RedisSettings | undefined
  /** Processes on this machine. */
  workers: number
  masterKey: Buffer | undefined
  masterKeyPrevious: Buffer | undefined
  operatorKey: string | undefined
  /** Where the partner who reports leaked secrets publishes its keys. */
  secretScanningKeysUrl: string
  issuerNetwork: IssuerNetwork
  trustProxy: readonly string[]
  tokenAlg: TokenAlgorithm
  limitFailedPerMinute: number
  limitIssuerFetchesPerMinute: number
  limitEvaluationsPerRequest: number
  limitChangesPerApply: number
  limitConnections: number
  /** The provider by which people sign in; undefined: nobody does. */
  sso: SsoSettings | undefined
  /** How long somebody stays signed in with a browser, at the most and without asking for anything. */
  sessionHours: number
  sessionIdleMinutes: number
  signingKeyDays: number
  logLevel: string
  drainSeconds: number
  auditRetentionDays: number
  /** 0: off. */
  metricsPort: number
  /** Whether the port was chosen: then it must be had. */
  metricsPortGiven: boolean
  /** Where spans go (OTLP over HTTP); undefined: none are made. */
  tracesUrl: string | undefined
}>

type Source = Record<string, string | undefined>

/** Reads config/ below `root` and the environment. Throws SettingError. */
export function loadSettings(root: string, env: Source = process.env): Settings {
  const defaults = readYaml(join(root, 'config/default.yaml'))
  const local = readYaml(join(root, 'config/local.yaml'))
  for (const key of Object.keys(local)) {
    if (!(key in defaults))
      throw new SettingError(`config/local.yaml: ${key} is not a setting; see config/default.yaml`)
  }
  const raw = (name: string) => env[name]?.trim() || local[name] || defaults[name] || undefined
  return settingsOf(raw, (name) => Boolean(env[name]?.trim() || local[name]))
}

function settingsOf(raw: Raw, given: (name: string) => boolean): Settings {
  const operatorKey = secret(raw, 'OPERATOR_KEY')
  if (operatorKey !== undefined && !/^[\x21-\x7e]{32,256}$/.test(operatorKey))
    throw new SettingError('OPERATOR_KEY: must be 32 to 256 printable characters without spaces')
  const database = databaseUrl(secret(raw, 'DATABASE_URL'))
  const mode = oneOf(raw, 'REDIS_MODE', ['single', 'sentinel', 'cluster'])
  const shared = redis(secret(raw, 'REDIS_URL'), mode, raw('REDIS_SENTINEL_NAME') ?? 'mymaster')
  const workers = whole(raw, 'WORKERS', 1, 256)
  const network = issuerNetwork(raw('ISSUER_NETWORK') ?? 'public')
  const master = masterKey(secret(raw, 'MASTER_KEY'), 'MASTER_KEY')
  const isServer = database?.startsWith('postgres') ?? false
  if (workers > 1 && !(isServer && shared))
    throw new SettingError('WORKERS: more than one process needs PostgreSQL (DATABASE_URL) and Redis (REDIS_URL)')
  if (isServer && !master)
    throw new SettingError(
      'MASTER_KEY: is required with PostgreSQL, the same for all replicas (openssl rand -base64 32)',
    )
  return Object.freeze({
    host: raw('HOST') ?? '127.0.0.1',
    port: whole(raw, 'PORT', 0, 65_535),
    publicUrl: publicUrl(raw('PUBLIC_URL')),
    dataDir: resolve(raw('DATA_DIR') ?? './data'),
    databaseUrl: database,
    databasePoolSize: whole(raw, 'DATABASE_POOL_SIZE', 4, 1_000),
    redis: shared,
    workers,
    masterKey: master,
    masterKeyPrevious: masterKey(raw('MASTER_KEY_PREVIOUS'), 'MASTER_KEY_PREVIOUS'),
    operatorKey,
    secretScanningKeysUrl: httpUrl(raw('SECRET_SCANNING_KEYS_URL'), 'SECRET_SCANNING_KEYS_URL') ?? '',
    issuerNetwork: network,
    sso: sso(raw, network),
    trustProxy: proxies(raw('TRUST_PROXY') ?? ''),
    tokenAlg: oneOf(raw, 'TOKEN_ALG', tokenAlgorithms),
    limitFailedPerMinute: whole(raw, 'LIMIT_FAILED_PER_MINUTE', 0, 1_000_000),
    limitIssuerFetchesPerMinute: whole(raw, 'LIMIT_ISSUER_FETCHES_PER_MINUTE', 0, 1_000_000),
    limitConnections: whole(raw, 'LIMIT_CONNECTIONS', 0, 1_000_000),
    limitEvaluationsPerRequest: whole(raw, 'LIMIT_EVALUATIONS_PER_REQUEST', 1, 100_000),
    limitChangesPerApply: whole(raw, 'LIMIT_CHANGES_PER_APPLY', 1, 1_000_000),
    sessionHours: whole(raw, 'SESSION_HOURS', 1, 720),
    sessionIdleMinutes: whole(raw, 'SESSION_IDLE_MINUTES', 5, 43_200),
    signingKeyDays: whole(raw, 'SIGNING_KEY_DAYS', 2, 3_650),
    auditRetentionDays: whole(raw, 'AUDIT_RETENTION_DAYS', 1, 36_500),
    metricsPort: whole(raw, 'METRICS_PORT', 0, 65_535),
    metricsPortGiven: given('METRICS_PORT'),
    tracesUrl: httpUrl(raw('OTEL_EXPORTER_OTLP_ENDPOINT'), 'OTEL_EXPORTER_OTLP_ENDPOINT'),
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
