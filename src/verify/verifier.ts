/** The verifier of one API: offline by Countersign's published keys, or connected by a key of the API's own. */
import { type Caller, type Claims, callerOf, hasScope } from './caller.ts'
import { createConnection, type Fetch, type Json } from './connection.ts'
import { digestOf, kindOf } from './credential.ts'
import { askOf, type Decision, decisionOf, type Question } from './decision.ts'
import { createFindKey } from './key-set.ts'
import { createRemembered } from './remembered.ts'
import { type AccessRule, createRequireAccess, type Handler, type Received } from './require-access.ts'
import { createVerifyToken } from './token.ts'
import { VerifyError } from './verify-error.ts'

export type VerifierOptions = {
  /** Countersign's public URL: the issuer of its tokens. */
  url: string
  /** The name of the organization whose callers are let in. Several may share an installation, and even an audience. */
  organization: string
  /** The audience that this API is registered under. Tokens for the installation itself are accepted beside it. */
  audience?: string
  /** The API key of this API, as a registered resource server. With it revocation counts, and API keys and projects too. */
  key?: string
  fetch?: Fetch
  /** How long an answer of introspection is good for; default 1, so that what is revoked is refused a second later. */
  cacheSeconds?: number
  /** Seconds that clocks may differ by; default 5. */
  clockTolerance?: number
  /** ms that a call to Countersign may take; default 5000. */
  timeout?: number
  /** Hears why requireAccess answers 503: Countersign is away, or does not accept our own key. For your log. */
  report?: (error: VerifyError) => void
  /** For tests: ms since 1970, and ms that no setting of a clock moves. */
  now?: () => number
  elapsed?: () => number
}

export type Verifier = {
  /** Who is calling. `scope`: what the credential must be good for, such as `projects:read`. Throws VerifyError. */
  verify(credential: string | undefined, needs?: { scope?: string }): Promise<Caller>
  /** May the bearer do that? Needs `key`. Throws VerifyError when there is no answer. */
  evaluate(credential: string, question: Question): Promise<Decision>
  /** Several questions about one bearer, answered in their order. Needs `key`. */
  evaluateAll(credential: string, questions: readonly Question[]): Promise<Decision[]>
  /** Express middleware; it serves node:http as well, with a function to go on with. */
  requireAccess<R extends Received = Received>(rule: AccessRule<R>): Handler<R>
}

/** Answers of introspection that are remembered. */
const most = 10_000

/** Throws TypeError when the options cannot be. */
export function createVerifier(options: VerifierOptions): Verifier {
  const { organization, audience, key, cacheSeconds = 1, clockTolerance = 5, timeout = 5_000 } = options
  const { now = Date.now, elapsed = () => performance.now() } = options
  const url = urlOf(options.url)
  if (!organization) throw new TypeError('createVerifier: organization must be the name of the organization')
  if (key !== undefined && kindOf(key) !== 'api_key')
    throw new TypeError('createVerifier: key must be the API key of a resource server (csk_…), whole')
  const audiences = audience === undefined ? [url] : [url, audience]

  const connection = createConnection({
    url,
    key,
    fetch: options.fetch ?? ((input, init) => fetch(input, init)),
    timeout,
  })
  const findKey = createFindKey({ connection, elapsed })
  const verifyToken = createVerifyToken({ findKey, issuer: url, organization, audiences, clockTolerance, now })
  const remembered = createRemembered<Json>({ most, elapsed })

  /** RFC 7662. What it says of another organization, or for another API, is not for us. */
  async function introspect(credential: string): Promise<Caller> {
    const answer = await remembered.get(await digestOf(credential), async () => {
      const value = await connection.post('/oauth/introspect', new URLSearchParams({ token: credential }))
      const left = typeof value.exp === 'number' ? value.exp * 1000 - now() : Number.POSITIVE_INFINITY
      return { value, until: elapsed() + Math.min(cacheSeconds * 1000, left) }
    })
    if (answer.active !== true) throw new VerifyError('inactive')
    const caller = callerOf(answer)
    if (caller.organization !== organization) throw new VerifyError('organization_wrong')
    if (!audiences.includes(caller.audience)) throw new VerifyError('audience_wrong')
    return caller
  }

  /** What a token says by itself; undefined for an API key, which says nothing. */
  async function claimsOf(credential: string | undefined): Promise<Claims | undefined> {
    if (!credential) throw new VerifyError('credential_missing')
    const kind = kindOf(credential)
    if (kind === 'neither') throw new VerifyError('token_malformed')
    return kind === 'token' ? verifyToken(credential) : undefined
  }

  async function verified(credential: string | undefined): Promise<Caller> {
    const claims = await claimsOf(credential)
    if (key === undefined) {
      if (!claims) throw new VerifyError('api_key_needs_connection')
      return callerOf(claims)
    }
    const caller = await introspect(credential as string)
    if (claims && caller.id !== claims.sub)
      throw new VerifyError('unavailable', { says: 'Countersign spoke of somebody else' })
    return caller
  }

  const asking = (): void => {
    if (key === undefined)
      throw new TypeError(
        'projects are judged by Countersign: give createVerifier the key of this API (a resource server)',
      )
  }
  const subjectOf = (credential: string): Json => ({ type: 'token', id: credential })

  const decide = async (credential: string, question: Question): Promise<Decision> =>
    decisionOf(await connection.post('/access/v1/evaluation', { subject: subjectOf(credential), ...askOf(question) }))
  const verify: Verifier['verify'] = async (credential, { scope } = {}) => {
    const caller = await verified(credential)
    if (scope !== undefined && !hasScope(caller, scope)) throw new VerifyError('scope_missing', { scope })
    return caller
  }
  /** Revocation is the evaluation's to know: of a token what it says itself will do. */
  const identify = async (credential: string | undefined): Promise<Caller> => {
    const claims = await claimsOf(credential)
    return claims ? callerOf(claims) : introspect(credential as string)
  }

  return {
    verify,
    async evaluate(credential, question) {
      asking()
      await claimsOf(credential)
      return decide(credential, question)
    },
    async evaluateAll(credential, questions) {
      asking()
      await claimsOf(credential)
      if (questions.length === 0) return []
      const { evaluations } = await connection.post('/access/v1/evaluations', {
        subject: subjectOf(credential),
        evaluations: questions.map(askOf),
      })
      if (!Array.isArray(evaluations) || evaluations.length !== questions.length)
        throw new VerifyError('unavailable', {
          says: 'Countersign answered another number of questions than it was asked',
        })
      return evaluations.map(decisionOf)
    },
    requireAccess(rule) {
      if (rule.project !== undefined) asking()
      const { report = () => {} } = options
      return createRequireAccess({ verify, identify, decide, report }, rule, audience ?? url)
    },
  }
}

function urlOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash)
    throw new TypeError('createVerifier: url must be the public URL of Countersign, such as https://id.example.com')
  return text.replace(/\/+$/, '')
}
