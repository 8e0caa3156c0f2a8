import { ConfigError } from './federation-error.ts'
import type { TokenProviderOptions } from './provider-options.ts'
import { parseServiceUrl, type ServiceUrl } from './service-url.ts'
import type { Environment } from './surroundings.ts'

/** Options and environment, as one. */
export type ProviderSettings = {
  readonly service: ServiceUrl
  readonly serviceAccount: string | undefined
  readonly scope: string | undefined
  readonly audience: string | undefined
  readonly target: string | undefined
  /** Seconds. */
  readonly ttl: number | undefined
  /** Milliseconds. */
  readonly timeout: number
}

/** Throws ConfigError. */
export function settingsOf(options: TokenProviderOptions, env: Environment): ProviderSettings {
  const url = options.url ?? set(env.COUNTERSIGN_URL)
  if (url === undefined)
    throw new ConfigError('which service? there is no URL', { hint: 'set COUNTERSIGN_URL, or give url' })
  const service = parseServiceUrl(url)
  const { scope, ttl, timeout = 60_000 } = options
  if (ttl !== undefined && !(Number.isInteger(ttl) && ttl > 0)) throw new ConfigError('ttl: whole seconds, above 0')
  if (!(timeout > 0 && timeout <= 2_147_483_647)) throw new ConfigError('timeout: milliseconds, above 0')
  return {
    service,
    serviceAccount: options.serviceAccount ?? set(env.COUNTERSIGN_SERVICE_ACCOUNT),
    scope: typeof scope === 'string' ? scope : (scope?.join(' ') ?? set(env.COUNTERSIGN_SCOPE)),
    audience: options.audience ?? set(env.COUNTERSIGN_AUDIENCE) ?? service.audience,
    target: options.target ?? set(env.COUNTERSIGN_TARGET),
    ttl,
    timeout,
  }
}

/** A variable that is set to nothing is not set: CI systems do that. */
const set = (value: string | undefined): string | undefined => value?.trim() || undefined
