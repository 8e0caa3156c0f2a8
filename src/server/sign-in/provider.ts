/**
 * The provider by which people sign in: OpenID Connect Core 1.0 §3.1, the code flow, with PKCE (RFC 7636), state and nonce.
 * Rules of this room: it is the operator's own, and is believed in what it signs and in nothing else; every fetch has its
 * end; whatever it answers, we say why nobody is signed in, and it is never our bug.
 */
import * as openid from 'openid-client'
import { Refusal } from '../errors/refusal.ts'
import { createGuardedFetch } from './guarded-fetch.ts'

/** What has to be known again when the person comes back. */
export type Flow = { state: string; nonce: string; verifier: string }
/** `email`: as the provider says it, verified or not. */
export type Vouched = { subject: string; email: string | undefined; isVerified: boolean; idToken: string }

export type Provider = {
  /** What it is called where a person chooses it. */
  name: string
  issuer: string
  /** Where the person goes. Throws Refusal('sso_unavailable'). */
  begin(): Promise<{ url: string; flow: Flow }>
  /** `query`: what the person came back with. Throws Refusal: sso_failed, sso_unavailable. */
  finish(query: string, flow: Flow): Promise<Vouched>
  /** Where the person is signed out there too; undefined when it has no such place, or is away. */
  logoutUrl(idToken: string): Promise<string | undefined>
}

type Needs = {
  issuer: string
  clientId: string
  clientSecret: string
  /** Whether it may be asked over plain http. */
  isPlainAllowed: (url: URL) => boolean
  publicUrl: () => string
  now: () => number
  /** For whoever runs the installation. Holds no secret. */
  report: (facts: { reason: string; cause: string }) => void
}

/** ms: how long its metadata and keys are taken as they were, and how long a failure. */
const keptFor = 600_000
const quietFor = 1_000
/** Seconds that its clock may differ from ours. */
const tolerance = 60
const scope = 'openid email'
const needed = ['authorization_endpoint', 'token_endpoint', 'jwks_uri'] as const

export function createProvider(needs: Needs): Provider {
  const { issuer, clientId, clientSecret, isPlainAllowed, publicUrl, now, report } = needs
  const guardedFetch = createGuardedFetch(isPlainAllowed)
  let known: { at: number; config: Promise<openid.Configuration>; failed: boolean } | undefined
  const redirectUri = () => `${publicUrl()}/session/sso/callback`

  async function discover(): Promise<openid.Configuration> {
    const server = new URL(issuer)
    const metadata = { client_secret: clientSecret, [openid.clockTolerance]: tolerance }
    const config = await openid.discovery(server, clientId, metadata, secretAsAsked(clientSecret), {
      // A provider that wants its answers believed signs them, wherever they come from.
      execute: [
        openid.enableNonRepudiationChecks,
        ...(server.protocol === 'http:' ? [openid.allowInsecureRequests] : []),
      ],
      [openid.customFetch]: guardedFetch,
    })
    // openid-client lets some providers bear another issuer than the one asked for.
    const known = config.serverMetadata()
    if (new URL(known.issuer).href !== server.href) throw new Error('it bears another issuer')
    const missing = needed.find((name) => known[name] === undefined)
    if (missing) throw new Error(`its metadata has no ${missing}`)
    return config
  }
  function configured(): Promise<openid.Configuration> {
    const at = now()
    if (known && at - known.at < (known.failed ? quietFor : keptFor) && at >= known.at) return known.config
    const asked = { at, config: discover(), failed: false }
    known = asked
    asked.config.catch(() => {
      asked.failed = true
    })
    return asked.config
  }
  const refusal = (reason: 'sso_failed' | 'sso_unavailable', error: unknown, says?: string): Refusal => {
    const cause = causeOf(error)
    report({ reason, cause })
    return new Refusal(reason, { ...(says === undefined ? {} : { says }), detail: { cause } })
  }
  const available = () =>
    configured().catch((error: unknown) => {
      throw refusal('sso_unavailable', error)
    })

  return {
    name: new URL(issuer).hostname,
    issuer,
    async begin() {
      const config = await available()
      const [state, nonce, verifier] = [openid.randomState(), openid.randomNonce(), openid.randomPKCECodeVerifier()]
      try {
        const url = openid.buildAuthorizationUrl(config, {
          redirect_uri: redirectUri(),
          scope,
          state,
          nonce,
          code_challenge: await openid.calculatePKCECodeChallenge(verifier),
          code_challenge_method: 'S256',
        })
        if (url.protocol !== 'https:' && !isPlainAllowed(url))
          throw new Error('its authorization endpoint is no https URL')
        return { url: url.href, flow: { state, nonce, verifier } }
      } catch (error) {
        throw refusal('sso_unavailable', error)
      }
    },
    async finish(query, { state, nonce, verifier }) {
      const config = await available()
      try {
        const tokens = await openid.authorizationCodeGrant(config, new URL(redirectUri() + query), {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
        })
        const claims = tokens.claims()
        if (!claims || tokens.id_token === undefined) throw new Error('no ID token')
        // Many say who somebody is in the ID token, others only when they are asked (OpenID Connect Core §5.4).
        const isThere = claims.email !== undefined || config.serverMetadata().userinfo_endpoint === undefined
        const about = isThere ? claims : await openid.fetchUserInfo(config, tokens.access_token, claims.sub)
        const email = typeof about.email === 'string' && about.email !== '' ? about.email : undefined
        return { subject: claims.sub, email, isVerified: about.email_verified === true, idToken: tokens.id_token }
      } catch (error) {
        if (isAway(error)) throw refusal('sso_unavailable', error)
        throw refusal('sso_failed', error, said(error))
      }
    },
    async logoutUrl(idToken) {
      try {
        const config = await configured()
        if (config.serverMetadata().end_session_endpoint === undefined) return undefined
        const back = { id_token_hint: idToken, post_logout_redirect_uri: `${publicUrl()}/sign-in` }
        const url = openid.buildEndSessionUrl(config, back)
        return url.protocol === 'https:' || isPlainAllowed(url) ? url.href : undefined
      } catch {
        return undefined
      }
    },
  }
}

/** RFC 6749 §2.3.1: by Basic, unless the provider takes the secret in the body alone. */
function secretAsAsked(secret: string): openid.ClientAuth {
  const [basic, post] = [openid.ClientSecretBasic(secret), openid.ClientSecretPost(secret)]
  return (server, client, body, headers) => {
    const taken = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic']
    const isBasic = taken.includes('client_secret_basic') || !taken.includes('client_secret_post')
    return (isBasic ? basic : post)(server, client, body, headers)
  }
}

/** It did not answer, or not as a provider that is well. */
function isAway(error: unknown): boolean {
  const { code, name, message } = error as { code?: string; name?: string; message?: string }
  const status = statusOf(error)
  if (status !== undefined && status >= 500) return true
  const isRubbish = code === 'OAUTH_RESPONSE_IS_NOT_JSON' || code === 'OAUTH_PARSE_ERROR' || code === 'OAUTH_TIMEOUT'
  return isRubbish || name === 'TimeoutError' || message === 'fetch failed'
}

/** Of the answer that it is about. */
function statusOf(error: unknown): number | undefined {
  const { status, cause } = error as { status?: unknown; cause?: unknown }
  if (typeof status === 'number') return status
  return cause instanceof Response ? cause.status : undefined
}

/** What the provider has to say against it, when that is one of its words (RFC 6749 §4.1.2.1). */
function said(error: unknown): string | undefined {
  const word = error instanceof openid.AuthorizationResponseError ? error.error : undefined
  return word !== undefined && /^[a-z_]{1,40}$/.test(word) ? `the provider signed nobody in: ${word}` : undefined
}

/** In words of ours and of the library's: nothing that the provider has sent. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  const { code, status } = error as { code?: string; status?: number }
  const inner = error.cause instanceof Error ? error.cause.message : undefined
  return [error.message, code, status, inner]
    .filter((part) => part !== undefined)
    .join('; ')
    .slice(0, 300)
}
