/** What a verifier is made with. Rules: what cannot be is told when it is made, in a sentence that names the option. */
import type { Fetch } from './connection.ts'
import { kindOf } from './credential.ts'
import type { DpopOptions } from './possession.ts'
import type { VerifyError } from './verify-error.ts'

export type VerifierOptions = {
  /** Countersign's public URL: the issuer of its tokens. */
  url: string
  /** The name of the organization whose callers are let in. Several may share an installation, and even an audience. */
  organization: string
  /** The audience that this API is registered under. Tokens for the installation itself are accepted beside it. */
  audience?: string
  /** The API key of this API, as a registered resource server. With it revocation counts, and API keys and projects too. */
  key?: string
  /** For callers whose tokens are bound to a key (DPoP, RFC 9449). Without it such tokens are refused. */
  dpop?: DpopOptions
  fetch?: Fetch
  /** How old an answer of introspection may be; default 1, so that what is revoked is refused a second later. */
  cacheSeconds?: number
  /** Seconds that clocks may differ by, up to 300; default 5. */
  clockTolerance?: number
  /** ms that a call to Countersign may take, up to a minute; default 5000. */
  timeout?: number
  /** Hears why requireAccess answers 503: Countersign is away, or does not accept our own key. For your log. */
  report?: (error: VerifyError) => void
  /** For tests: ms since 1970, and ms that no setting of a clock moves. */
  now?: () => number
  elapsed?: () => number
}

/** Every option with its value. */
export type Settled = Required<Omit<VerifierOptions, 'audience' | 'key' | 'dpop'>> &
  Pick<VerifierOptions, 'audience' | 'key' | 'dpop'>

/** The defaults put in. Throws TypeError. */
export function settled(options: VerifierOptions): Settled {
  const { organization, audience, key, dpop, cacheSeconds = 1, clockTolerance = 5, timeout = 5_000 } = options
  if (typeof organization !== 'string' || organization === '')
    refuse('organization must be the name of the organization')
  if (audience !== undefined && !URL.canParse(audience))
    refuse('audience must be the URI that this API is registered under; leave it out when there is none')
  if (key !== undefined && kindOf(key) !== 'api_key')
    refuse('key must be the API key of a resource server (csk_…), whole')
  if (dpop !== undefined) judgeDpop(dpop)
  // Written so that what is no number is refused too.
  for (const [name, value, least, most] of [
    ['cacheSeconds', cacheSeconds, 0, 3_600],
    ['clockTolerance', clockTolerance, 0, 300],
    ['timeout', timeout, 1, 60_000],
  ] as const)
    if (!(typeof value === 'number' && value >= least && value <= most))
      refuse(`${name} must be a number from ${least} to ${most}`)
  return {
    url: urlOf(options.url),
    organization,
    ...(audience === undefined ? {} : { audience }),
    ...(key === undefined ? {} : { key }),
    ...(dpop === undefined ? {} : { dpop }),
    // Looked up at each call: a global one that is replaced later, by a tracer for one, is the one to use.
    fetch: options.fetch ?? ((input, init) => fetch(input, init)),
    cacheSeconds,
    clockTolerance,
    timeout,
    report: options.report ?? (() => {}),
    now: options.now ?? Date.now,
    elapsed: options.elapsed ?? (() => performance.now()),
  }
}

function judgeDpop({ url, nonceSecret }: DpopOptions): void {
  const { protocol, search, hash } = URL.canParse(url) ? new URL(url) : ({} as Partial<URL>)
  if (!/^https?:$/.test(protocol ?? '') || search || hash)
    refuse('dpop.url must be the URL under which callers reach this API, such as https://tracker.example.com')
  if (nonceSecret !== undefined && !(typeof nonceSecret === 'string' && nonceSecret.length >= 32))
    refuse('dpop.nonceSecret must have at least 32 characters')
}

function urlOf(text: string): string {
  const { protocol, username, password, search, hash } = URL.canParse(text) ? new URL(text) : ({} as Partial<URL>)
  if (!/^https?:$/.test(protocol ?? '') || username || password || search || hash)
    refuse('url must be the public URL of Countersign, such as https://id.example.com')
  return text.replace(/\/+$/, '')
}

function refuse(says: string): never {
  throw new TypeError(`createVerifier: ${says}`)
}
