/**
 * Express middleware, of whatever version, and for node:http: it knows of requests and responses only what both have.
 * Rules: the request goes on after a yes, and after nothing else; an answer names the code and never the credential.
 */
import type { Caller } from './caller.ts'
import { credentialIn, isShownAsBound } from './credential.ts'
import { type Action, type Attribution, type Decision, type Question, refuseUnlessAllowed } from './decision.ts'
import type { Shown } from './possession.ts'
import { problemOf } from './problem.ts'
import type { Verifier } from './verifier.ts'
import { VerifyError } from './verify-error.ts'

/** `originalUrl`: Express's, where `url` is what is left below a router. */
export type Received = {
  headers: { authorization?: string | undefined; dpop?: string | string[] | undefined }
  method?: string | undefined
  url?: string | undefined
  originalUrl?: string | undefined
}
export type Reply = {
  statusCode: number
  headersSent: boolean
  /** Of node:http, and so of Express. */
  writableEnded?: boolean
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
  identify(credential: string | undefined, shown?: Shown): Promise<Caller>
  decide(credential: string, question: Question, jkt?: string): Promise<Decision>
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
    const shown = isShownAsBound(req.headers.authorization) ? shownBy(req) : undefined
    const action = told(rule.action, req)
    if (action !== 'read' && action !== 'write') throw new TypeError(`requireAccess: the action ${action} is not known`)
    if (rule.project === undefined) {
      req.caller = await verify(credential, { scope: `projects:${action}`, ...(shown ? { shown } : {}) })
      return
    }
    const project = told(rule.project, req)
    const caller = await identify(credential, shown)
    if (typeof project !== 'string' || project === '')
      throw new VerifyError('access_denied', { says: 'the request names no project' })
    const attribution = rule.attribution?.(req)
    const question = { action, project, ...(attribution === undefined ? {} : { attribution }) }
    const access = await decide(credential as string, question, caller.jkt)
    refuseUnlessAllowed(access, question)
    Object.assign(req, { caller, access })
  }
  /** A log that fails leaves nobody without an answer. */
  const reported = (error: VerifyError): void => {
    try {
      report(error)
    } catch {}
  }
  return async (req, res, next) => {
    try {
      await admit(req)
    } catch (error) {
      if (res.writableEnded) return
      if (!(error instanceof VerifyError) || res.headersSent) return next(error)
      if (error.status === 503) reported(error)
      return answer(res, error, realm)
    }
    // Somebody gave up on us meanwhile, and has answered: what was answered with a no must not be done after all.
    if (!res.writableEnded) next()
  }
}

/** Of several DPoP headers none counts: node:http joins them, and what is joined is no proof. */
const shownBy = ({ headers: { dpop }, method = '', originalUrl, url = '' }: Received): Shown => ({
  proof: typeof dpop === 'string' ? dpop : undefined,
  method,
  url: originalUrl ?? url,
})

const told = <R, T>(value: Of<R, T>, req: R): T => (typeof value === 'function' ? (value as (req: R) => T)(req) : value)

function answer(res: Reply, error: VerifyError, realm: string): void {
  const { status, headers, body } = problemOf(error, realm)
  res.statusCode = status
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value)
  res.end(body)
}
