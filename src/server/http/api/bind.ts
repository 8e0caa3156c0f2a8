/** Binds routes to Express: who calls, where, with what; then the route runs; then its answer is written. */
import { createHash } from 'node:crypto'
import { type Request as ExpressRequest, type Response, Router, text } from 'express'
import type { ZodType } from 'zod'
import { may } from '../../access/authority.ts'
import { actorOf } from '../../admin/perform.ts'
import { Refusal } from '../../errors/refusal.ts'
import { bearerOf, type Identified, originOf } from '../bearer.ts'
import { placeOf } from './place.ts'
import type { Answer, Rooms, Route } from './route.ts'

const jsonType = ['application/json', 'application/merge-patch+json', 'application/*+json']
const noBody = text({ type: () => false })
const body = text({ type: jsonType, limit: 1_048_576, defaultCharset: 'utf-8' })

export function bindRoutes(routes: readonly Route[], rooms: Rooms, identify: Identified): Router {
  const router = Router()
  for (const route of routes) {
    const path = route.path.replace(/\{(\w+)\}/g, ':$1')
    router[route.method](path, route.body ? body : noBody, async (req, res) => {
      await answer(req, res, await run(route, rooms, identify, req, res))
    })
  }
  for (const path of new Set(routes.map((route) => route.path))) {
    const methods = routes.filter((route) => route.path === path).map(({ method }) => method.toUpperCase())
    router.all(path.replace(/\{(\w+)\}/g, ':$1'), (_req, res) => {
      res.set('Allow', methods.join(', '))
      throw new Refusal('method_not_allowed')
    })
  }
  return router
}

async function run(
  route: Route,
  rooms: Rooms,
  identify: Identified,
  req: ExpressRequest,
  res: Response,
): Promise<Answer> {
  const caller = await identify(bearerOf(req), req, res)
  const place = await placeOf(rooms.reading, req.params as Record<string, string>, caller)
  const where = { ...(place ? { orgId: place.org.id } : {}), ...(place?.team ? { teamId: place.team.id } : {}) }
  if (!may(caller, route.right, where)) throw new Refusal('forbidden')
  const query = route.query ? judged(route.query, req.query, 'query_invalid') : {}
  const input = route.body ? judged(route.body, readBody(req), 'body_invalid') : undefined
  const key = req.get('idempotency-key')
  const ifMatch = req.get('if-match')
  return route.run({
    body: input as never,
    query: query as never,
    params: req.params as Record<string, string>,
    // A route whose path names no organization does not look at its place.
    place: place as never,
    caller,
    context: { actor: actorOf(caller), ...originOf(req, res) },
    ...(ifMatch === undefined ? {} : { ifMatch: tagsOf(ifMatch) }),
    ...(key === undefined || route.method !== 'post'
      ? {}
      : { repeat: repeatable(req, key, JSON.stringify(actorOf(caller))) }),
    accept: req.accepts(['application/json', 'application/x-ndjson']) || 'application/json',
  })
}

async function answer(
  req: ExpressRequest,
  res: Response,
  { status = 200, body, etag, location, lines }: Answer,
): Promise<void> {
  res.status(status)
  if (etag !== undefined) res.set('ETag', etag)
  if (location !== undefined) res.set('Location', `${res.locals.publicUrl}/api/v1${location}`)
  if (lines) {
    res.type('application/x-ndjson')
    for await (const line of lines) {
      if (res.destroyed) return
      if (!res.write(`${JSON.stringify(line)}\n`))
        await new Promise((resolve) => res.once('drain', resolve).once('close', resolve))
    }
    res.end()
  } else if (body === undefined) res.status(204).end()
  else if (req.method === 'GET' && etag !== undefined && tagsOf(req.get('if-none-match')).includes(etag))
    res.status(304).end()
  else res.json(body)
}

const tagsOf = (header = '') => header.split(',').map((tag) => tag.trim())

function readBody(req: ExpressRequest): unknown {
  if (typeof req.body !== 'string') {
    const empty = req.get('content-length') === undefined || req.get('content-length') === '0'
    if (empty && req.get('transfer-encoding') === undefined) return {}
    throw new Refusal('unsupported_media_type', { says: 'send the body as application/json' })
  }
  let read: unknown
  try {
    read = req.body === '' ? {} : JSON.parse(req.body)
  } catch (cause) {
    throw new Refusal('body_malformed', { cause })
  }
  if (typeof read !== 'object' || read === null || Array.isArray(read)) throw new Refusal('body_malformed')
  return read
}

function judged(schema: ZodType, input: unknown, reason: 'body_invalid' | 'query_invalid'): unknown {
  const result = schema.safeParse(input)
  if (result.success) return result.data
  const errors = result.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }))
  throw new Refusal(reason, { errors })
}

/** Draft "The Idempotency-Key HTTP Header Field": the same key of the same caller on the same path is one request. */
function repeatable(req: ExpressRequest, key: string, actor: string) {
  if (!/^[\x21-\x7e]{1,255}$/.test(key))
    throw new Refusal('query_invalid', { says: 'Idempotency-Key must be 1 to 255 printable characters' })
  const sha256 = (value: string) => createHash('sha256').update(value).digest('hex')
  return { scope: sha256(JSON.stringify([actor, req.path, key])), digest: sha256(String(req.body ?? '')) }
}
