/**
 * Express middleware, of whatever version, and for node:http: it knows of requests and responses only what both have.
 * Rules: the request goes on after a yes, and after nothing else; an answer names the code and never the credential.
 */
import type { Caller } from './caller.ts'
import { credentialIn } from './credential.ts'
import { type Action, type Attribution, type Decision, type Question, refuseUnlessAllowed } from './decision.ts'
import type { Verifier } from './verifier.ts'
import { VerifyError } from './verify-error.ts'

export type Received = { headers: { authorization?: string | undefined } }
export type Reply = {
  statusCode: number
  headersSent: boolean
  setHeader(name: string, value: string): unknown
  end(body: string): unknown
}
/** What the middleware leaves on the request. */
export type Seen = { caller?: Caller; access?: Decision }
type Next = (error?: unknown) => void
export type Handler<R extends Received> = (req: R, res: Reply, next: Next) => Promise<void>

declare global {
  namespace Express {
    // Where Express is used, its requests have both. biome-ignore lint/suspicious/noEmptyInterface: it is merged
    interface Request extends Seen {}
  }
}

type Of<R, T> = T | ((req: R) => T)
export type AccessRule<R extends Received = Received> = {
  action: Of<R, Action>
  /** `team/project`, or `project` in the caller's own team. Without it the scope alone is asked about. */
  project?: Of<R, string | undefined>
  /** Whom the caller names for the credit, such as from its headers. */
  attribution?: (req: R) => Attribution | undefined
}

type Needs = Pick<Verifier, 'verify'> & {
  /** Who is calling, when whether they still may is asked beside it. */
  identify(credential: string | undefined): Promise<Caller>
  decide(credential: string, question: Question): Promise<Decision>
  report(error: VerifyError): void
}

/** `realm`: of the challenge (RFC 9110 §11.5). */
export function createRequireAccess<R extends Received>(
  { verify, identify, decide, report }: Needs,
  rule: AccessRule<R>,
  realm: string,
): Handler<R> {
  async function admit(req: R & Seen): Promise<void> {
    const credential = credentialIn(req.headers.authorization)
    const action = told(rule.action, req)
    if (action !== 'read' && action !== 'write') throw new TypeError(`requireAccess: the action ${action} is not known`)
    if (rule.project === undefined) {
      req.caller = await verify(credential, { scope: `projects:${action}` })
      return
    }
    const project = told(rule.project, req)
    const caller = await identify(credential)
    if (typeof project !== 'string' || project === '')
      throw new VerifyError('access_denied', { says: 'the request names no project' })
    const attribution = rule.attribution?.(req)
    const question = { action, project, ...(attribution === undefined ? {} : { attribution }) }
    const access = await decide(credential as string, question)
    refuseUnlessAllowed(access, question)
    Object.assign(req, { caller, access })
  }
  return async (req, res, next) => {
    try {
      await admit(req)
    } catch (error) {
      if (!(error instanceof VerifyError) || res.headersSent) return next(error)
      if (error.status === 503) report(error)
      return answer(res, error, realm)
    }
    next()
  }
}

const told = <R, T>(value: Of<R, T>, req: R): T => (typeof value === 'function' ? (value as (req: R) => T)(req) : value)

/** RFC 9457, with the challenge of RFC 6750 §3: a caller that sent nothing is told no error code. */
function answer(res: Reply, { code, status, message, reason, scope, retryAfter }: VerifyError, realm: string): void {
  const challenge = [`realm="${realm.replace(/["\\]/g, '')}"`]
  if (code !== 'credential_missing')
    challenge.push(`error="${status === 401 ? 'invalid_token' : 'insufficient_scope'}"`)
  if (scope !== undefined) challenge.push(`scope="${scope}"`)
  if (status === 401 || code === 'scope_missing') res.setHeader('WWW-Authenticate', `Bearer ${challenge.join(', ')}`)
  if (retryAfter !== undefined) res.setHeader('Retry-After', String(Math.ceil(retryAfter)))
  res.statusCode = status
  res.setHeader('Content-Type', 'application/problem+json')
  res.setHeader('Cache-Control', 'no-store')
  // What an operator has to see is in the error, which a caller has no use for.
  const detail = code === 'key_refused' ? 'the caller cannot be verified at the moment; try again' : message
  const title = { 401: 'Unauthorized', 403: 'Forbidden', 503: 'Service Unavailable' }[status]
  const more = reason === undefined ? {} : { access_reason: reason }
  res.end(JSON.stringify({ type: 'about:blank', title, status, detail, reason: code, ...more }))
}
