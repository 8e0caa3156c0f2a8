/** The verifier of one API: offline by Countersign's published keys, or connected by a key of the API's own. */
import { type Caller, type Claims, callerOf, hasScope, jktOf } from './caller.ts'
import { createConnection, type Json } from './connection.ts'
import { digestOf, kindOf } from './credential.ts'
import { askOf, type Decision, decisionOf, type Question } from './decision.ts'
import { createFindKey } from './key-set.ts'
import { createCheckPossession, type Shown } from './possession.ts'
import { createRemembered } from './remembered.ts'
import { type AccessRule, createRequireAccess, type Handler, type Received } from './require-access.ts'
import { createVerifyToken } from './token.ts'
import { settled, type VerifierOptions } from './verifier-options.ts'
import { VerifyError } from './verify-error.ts'

export type Verifier = {
  /**
   * Who is calling. `scope`: what the credential must be good for, such as `projects:read`. `shown`: when it came by
   * `Authorization: DPoP …`. Throws VerifyError.
   */
  verify(credential: string | undefined, needs?: { scope?: string; shown?: Shown }): Promise<Caller>
  /** May the bearer do that? Needs `key`. Throws VerifyError when there is no answer. */
  evaluate(credential: string, question: Question, shown?: Shown): Promise<Decision>
  /** Several questions about one bearer, answered in their order. Needs `key`. */
  evaluateAll(credential: string, questions: readonly Question[], shown?: Shown): Promise<Decision[]>
  /** Express middleware; it serves node:http as well, with a function to go on with. */
  requireAccess<R extends Received = Received>(rule: AccessRule<R>): Handler<R>
}

/** Answers of introspection that are remembered. */
const most = 10_000
/** Questions in one request. Installations limit them: to 500, unless set otherwise. */
const mostAtOnce = 100

/** Throws TypeError when the options cannot be. */
export function createVerifier(options: VerifierOptions): Verifier {
  const { url, organization, audience, key, fetch, cacheSeconds, clockTolerance, timeout, ...more } = settled(options)
  const { report, now, elapsed, dpop } = more
  const audiences = audience === undefined ? [url] : [url, audience]

  const connection = createConnection({ url, key, fetch, timeout })
  const findKey = createFindKey({ connection, elapsed })
  const verifyToken = createVerifyToken({ findKey, issuer: url, organization, audiences, clockTolerance, now })
  const checkPossession = createCheckPossession({ dpop, clockTolerance, now })
  const remembered = createRemembered<Json>({ most, goodFor: cacheSeconds * 1000, elapsed })

  /** RFC 7662. What it says of another organization, or for another API, is not for us. */
  async function introspect(credential: string): Promise<Caller> {
    const answer = await remembered.get(await digestOf(credential), async () => {
      const value = await connection.post('/oauth/introspect', new URLSearchParams({ token: credential }))
      return { value, endsIn: typeof value.exp === 'number' ? value.exp * 1000 - now() : Number.POSITIVE_INFINITY }
    })
    if (answer.active !== true) throw new VerifyError('inactive')
    const caller = callerOf(answer)
    if (caller.organization !== organization) throw new VerifyError('organization_wrong')
    if (!audiences.includes(caller.audience)) throw new VerifyError('audience_wrong')
    return caller
  }

  /** What a token says by itself, and that whoever shows it may; undefined for an API key, which says nothing. */
  async function claimsOf(credential: string | undefined, shown: Shown | undefined): Promise<Claims | undefined> {
    if (!credential) throw new VerifyError('credential_missing')
    const kind = kindOf(credential)
    if (kind === 'neither') throw new VerifyError('token_malformed')
    const claims = kind === 'token' ? await verifyToken(credential) : undefined
    await checkPossession(credential, claims && jktOf(claims), shown)
    return claims
  }

  async function verified(credential: string | undefined, shown: Shown | undefined): Promise<Caller> {
    const claims = await claimsOf(credential, shown)
    if (key === undefined) {
      if (!claims) throw new VerifyError('api_key_needs_connection')
      return callerOf(claims)
    }
    const caller = await introspect(credential as string)
    if (claims && (caller.id !== claims.sub || caller.jkt !== jktOf(claims)))
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

  const decide = async (credential: string, question: Question, jkt?: string): Promise<Decision> =>
    decisionOf(
      await connection.post('/access/v1/evaluation', { subject: subjectOf(credential), ...askOf(question, jkt) }),
    )
  const verify: Verifier['verify'] = async (credential, { scope, shown } = {}) => {
    const caller = await verified(credential, shown)
    if (scope !== undefined && !hasScope(caller, scope)) throw new VerifyError('scope_missing', { scope })
    return caller
  }
  /** Revocation is the evaluation's to know: of a token what it says itself will do. */
  const identify = async (credential: string | undefined, shown?: Shown): Promise<Caller> => {
    const claims = await claimsOf(credential, shown)
    return claims ? callerOf(claims) : introspect(credential as string)
  }

  /** In halves, where the installation takes fewer at once. */
  const decideAll = async (credential: string, questions: readonly Question[], jkt?: string): Promise<Decision[]> => {
    try {
      return await decideAtOnce(credential, questions, jkt)
    } catch (error) {
      const isTooMany = error instanceof VerifyError && error.reason === 'too_many_evaluations'
      if (!isTooMany || questions.length < 2) throw error
      const half = Math.ceil(questions.length / 2)
      const first = await decideAll(credential, questions.slice(0, half), jkt)
      return [...first, ...(await decideAll(credential, questions.slice(half), jkt))]
    }
  }
  const decideAtOnce = async (
    credential: string,
    questions: readonly Question[],
    jkt?: string,
  ): Promise<Decision[]> => {
    const { evaluations } = await connection.post('/access/v1/evaluations', {
      subject: subjectOf(credential),
      evaluations: questions.map((question) => askOf(question, jkt)),
    })
    if (!Array.isArray(evaluations) || evaluations.length !== questions.length)
      throw new VerifyError('unavailable', {
        says: 'Countersign answered another number of questions than it was asked',
      })
    return evaluations.map(decisionOf)
  }

  return {
    verify,
    async evaluate(credential, question, shown) {
      asking()
      const { jkt } = await identify(credential, shown)
      return decide(credential, question, jkt)
    },
    async evaluateAll(credential, questions, shown) {
      asking()
      const { jkt } = await identify(credential, shown)
      const decisions: Decision[] = []
      for (let from = 0; from < questions.length; from += mostAtOnce)
        decisions.push(...(await decideAll(credential, questions.slice(from, from + mostAtOnce), jkt)))
      return decisions
    },
    requireAccess(rule) {
      if (rule.project !== undefined) asking()
      return createRequireAccess({ verify, identify, decide, report }, rule, audience ?? url)
    },
  }
}
