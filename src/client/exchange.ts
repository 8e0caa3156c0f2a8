/** Subject token in, access token out: RFC 8693 §2 for tokens, RFC 6749 §4.4 for API keys. */
import type { Obtained } from './access-token.ts'
import { type Answer, post } from './connection.ts'
import { ConfigError } from './federation-error.ts'
import type { ProviderSettings } from './provider-settings.ts'
import { refreshTimes } from './refresh-times.ts'
import { refusalOf } from './refusal.ts'
import type { Found } from './sources/find.ts'
import type { Surroundings } from './surroundings.ts'

type Needs = { settings: ProviderSettings; here: Surroundings; random: () => number }

/** Throws FederationError, or the signal's reason. One attempt. */
export async function exchange(
  { settings, here, random }: Needs,
  found: Found,
  signal: AbortSignal,
): Promise<Obtained> {
  const sent = here.now()
  const answer = await post(here, `${settings.service.base}/oauth/token`, formOf(settings, found), signal)
  if (answer.status !== 200) throw refusalOf(answer, here.now(), found.hint)
  const { token, life, refreshIn, scope } = grantIn(answer)
  return {
    token,
    scope,
    // From when it was asked for: it cannot be younger.
    times: refreshTimes(sent, life, refreshIn, random()),
    requestId: answer.headers.get('x-request-id') ?? undefined,
    source: found.source,
  }
}

/** Throws FederationError, or the signal's reason. RFC 7009. */
export async function revoke(
  { settings, here }: Omit<Needs, 'random'>,
  token: string,
  signal: AbortSignal,
): Promise<void> {
  const form = new URLSearchParams({ token, token_type_hint: 'access_token' })
  const answer = await post(here, `${settings.service.base}/oauth/revoke`, form, signal)
  if (answer.status !== 200) throw refusalOf(answer, here.now())
}

function formOf({ serviceAccount, scope, target, ttl }: ProviderSettings, { token, type }: Found): URLSearchParams {
  const proof =
    type === 'api_key'
      ? { grant_type: 'client_credentials', client_secret: token }
      : {
          grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
          subject_token: token,
          subject_token_type: `urn:ietf:params:oauth:token-type:${type}`,
          requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        }
  const more = { service_account: serviceAccount, scope, resource: target, requested_token_ttl: ttl?.toString() }
  const given = Object.entries({ ...proof, ...more }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  )
  return new URLSearchParams(given)
}

function grantIn({ body }: Answer): { token: string; life: number; refreshIn: number | undefined; scope: string } {
  const { access_token, token_type, expires_in, refresh_in, scope } = body
  // What goes into a header is what a header takes (RFC 6750 §2.1).
  if (typeof access_token !== 'string' || !/^[\w.~+/-]{1,65536}=*$/.test(access_token)) throw strange('no access token')
  if (typeof token_type !== 'string' || token_type.toLowerCase() !== 'bearer') throw strange('another type of token')
  if (typeof expires_in !== 'number' || !(expires_in > 0)) throw strange('a token that lives for no known time')
  return {
    token: access_token,
    life: expires_in,
    refreshIn: typeof refresh_in === 'number' ? refresh_in : undefined,
    scope: typeof scope === 'string' ? scope : '',
  }
}

const strange = (what: string) =>
  new ConfigError(`whoever answers there gave ${what}`, {
    code: 'not_countersign',
    hint: 'is COUNTERSIGN_URL that of Countersign, with its path prefix?',
  })
