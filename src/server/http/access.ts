/**
 * The access endpoints: OpenID AuthZEN Authorization API 1.0 (evaluation, evaluations), its metadata, and forward auth.
 * Rules: what pertains to the whole request is an HTTP error; what is wrong with one question of many is a no to that one.
 */
import { setImmediate as soon } from 'node:timers/promises'
import { type Request, type Response, Router, text } from 'express'
import { z } from 'zod'
import { parseStrictJson } from '../../protocol/strict-json.ts'
import { type FieldError, Refusal } from '../errors/refusal.ts'
import type { Evaluate, EvaluateFor, Evaluation, Question } from '../exchange/evaluate.ts'
import { answerJson } from './answer.ts'
import { type Identified, originOf } from './bearer.ts'
import { refuseOtherMethods } from './methods.ts'
import { plainBody } from './plain-body.ts'

type Needs = {
  identify: Identified
  evaluateFor: EvaluateFor
  /** Questions in one request. */
  mostEvaluations: number
  publicUrl: () => string
}

const entity = z.looseObject({ type: z.string().min(1), id: z.string().min(1) })
/** What is not known is ignored: `properties`, and whatever a later version adds. */
export const question = z.looseObject({
  subject: entity,
  action: z.looseObject({ name: z.string().min(1) }),
  resource: entity,
  context: z
    .looseObject({
      attribution: z.unknown().optional(),
      dpop_jkt: z.string().optional().meta({
        description: 'RFC 7638 thumbprint of the key that the bearer of a bound token has proven to hold (RFC 9449)',
      }),
    })
    .optional(),
})
const semantics = ['execute_all', 'deny_on_first_deny', 'permit_on_first_permit'] as const
const options = z.looseObject({ evaluations_semantic: z.enum(semantics).default('execute_all') }).optional()
const batch = z.looseObject({ evaluations: z.array(z.unknown()), options })
/** As described: what stands beside `evaluations` is the default of each. */
export const questions = question.partial().extend({ evaluations: z.array(question.partial()).optional(), options })
/** How the answer to one question ends the whole. */
const ends: Record<(typeof semantics)[number], (decision: boolean) => boolean> = {
  execute_all: () => false,
  deny_on_first_deny: (decision) => !decision,
  permit_on_first_permit: (decision) => decision,
}
/** Questions of one request that are answered before others get a turn. */
const atOnce = 50

const json = 'application/json'
/** Bytes: as much as some thousand questions need. */
const limit = 1_048_576
const body = plainBody({ type: json, limit, otherwise: text({ type: json, limit, defaultCharset: 'utf-8' }) })

export function accessRoutes({ identify, evaluateFor, mostEvaluations, publicUrl }: Needs): Router {
  const router = Router()
  const asking = async (req: Request, res: Response) => {
    res.setHeader('Cache-Control', 'no-store')
    repeatRequestId(req, res)
    return evaluateFor(await identify(req, res), originOf(req, res))
  }

  router.post('/access/v1/evaluation', body, async (req, res) => {
    const evaluate = await asking(req, res)
    answerJson(res, await single(evaluate, sent(req)))
  })

  router.post('/access/v1/evaluations', body, async (req, res) => {
    const evaluate = await asking(req, res)
    const asked = sent(req)
    const { evaluations } = asked
    // Without questions of its own the request is one question (§7.1).
    if (evaluations === undefined || (Array.isArray(evaluations) && evaluations.length === 0))
      return answerJson(res, await single(evaluate, asked))
    answerJson(res, { evaluations: await several(evaluate, asked, mostEvaluations) })
  })

  router.get('/.well-known/authzen-configuration{/*rest}', (req, res, next) => {
    const { rest } = req.params as { rest?: string[] }
    if (rest !== undefined && `/${rest.join('/')}` !== new URL(publicUrl()).pathname) return next()
    const issuer = publicUrl()
    res.set('Cache-Control', 'public, max-age=300').json({
      policy_decision_point: issuer,
      access_evaluation_endpoint: `${issuer}/access/v1/evaluation`,
      access_evaluations_endpoint: `${issuer}/access/v1/evaluations`,
    })
  })
  refuseOtherMethods(router, ['/access/v1/evaluation', '/access/v1/evaluations'], 'POST')
  refuseOtherMethods(router, ['/.well-known/authzen-configuration'], 'GET, HEAD')
  return router
}

/** AuthZEN 1.0, "Request identification": an answer bears the identifier of its request. */
function repeatRequestId(req: Request, res: Response): void {
  const id = req.headers['x-request-id']
  if (typeof id === 'string' && /^[\x21-\x7e]{1,200}$/.test(id)) res.setHeader('X-Request-Id', id)
}

type Sent = Readonly<Record<string, unknown>>

function sent(req: Request): Sent {
  if (typeof req.body !== 'string')
    throw new Refusal('unsupported_media_type', { says: 'send the body as application/json' })
  const read = parseStrictJson(req.body.trimStart())
  if (read.ok) return read.value
  if (read.fault === 'duplicate') throw new Refusal('malformed_request', { says: 'the body gives a member twice' })
  throw new Refusal('malformed_request', {
    says: 'the body is not one JSON object, of well-formed Unicode, at most 16 deep and 200 members wide',
  })
}

async function single(evaluate: Evaluate, asked: Sent): Promise<Evaluation> {
  const read = questionIn(asked)
  if ('errors' in read) throw new Refusal('evaluation_invalid', { errors: read.errors })
  return evaluate(read.question)
}

async function several(evaluate: Evaluate, asked: Sent, most: number): Promise<Evaluation[]> {
  // Before anything is said of each: what is said of a million is more than a million.
  if (Array.isArray(asked.evaluations)) refuseMoreThan(most, asked.evaluations.length)
  const read = batch.safeParse(asked)
  if (!read.success) throw new Refusal('evaluation_invalid', { errors: faultsIn(read.error) })
  const { evaluations, options } = read.data
  const isLast = ends[options?.evaluations_semantic ?? 'execute_all']
  const { subject, action, resource, context } = asked
  const answers: Evaluation[] = []
  for (const own of evaluations) {
    const answer = await oneOfMany(evaluate, isObject(own) ? { subject, action, resource, context, ...own } : {})
    answers.push(answer)
    if (isLast(answer.decision)) break
    if (answers.length % atOnce === 0) await soon()
  }
  return answers
}

function refuseMoreThan(most: number, count: number): void {
  if (count > most)
    throw new Refusal('too_many_evaluations', {
      says: `${count} evaluations in one request, and ${most} are allowed (LIMIT_EVALUATIONS_PER_REQUEST); send them in several`,
    })
}

const isObject = (value: unknown): value is Sent => typeof value === 'object' && value !== null && !Array.isArray(value)

async function oneOfMany(evaluate: Evaluate, asked: Sent): Promise<Evaluation> {
  const read = questionIn(asked)
  if ('question' in read) return evaluate(read.question)
  const message = read.errors.map(({ path, message }) => `${path}: ${message}`).join('; ')
  return { decision: false, context: { reason: 'request_malformed', error: { status: 400, message } } }
}

function questionIn(asked: Sent): { question: Question } | { errors: readonly FieldError[] } {
  const read = question.safeParse(asked)
  if (!read.success) return { errors: faultsIn(read.error) }
  const { subject, action, resource, context } = read.data
  const { attribution, dpop_jkt: jkt } = context ?? {}
  const more = { ...(attribution === undefined ? {} : { attribution }), ...(jkt === undefined ? {} : { jkt }) }
  return { question: { subject, action, resource, ...more } }
}

/** As many as anybody reads. */
const faultsIn = ({ issues }: z.ZodError): FieldError[] =>
  issues.slice(0, 20).map(({ path, message }) => ({ path: path.join('.'), message }))
