/** Binds routes to Express: who calls, where, with what; then the route runs; then its answer is written. */
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setImmediate as soon } from 'node:timers/promises'
import { type Request as ExpressRequest, type Response, Router, text } from 'express'
import type { ZodType } from 'zod'
import { parseStrictJson } from '../../../protocol/strict-json.ts'
import { type Caller, may, mayChange, type Place as RightsPlace } from '../../access/authority.ts'
import { callerNow } from '../../admin/caller-now.ts'
import { actorOf } from '../../admin/perform.ts'
import { Refusal } from '../../errors/refusal.ts'
import type { Stores } from '../../storage/storage.ts'
import { bound } from '../answered.ts'
import { type Identified, originOf } from '../bearer.ts'
import { placeOf } from './place.ts'
import type { Answer, Place, Rooms, Route } from './route.ts'

const jsonType = ['application/json', 'application/merge-patch+json', 'application/*+json']
const noBody = text({ type: () => false })
const body = text({ type: jsonType, limit: 1_048_576, defaultCharset: 'utf-8' })
/** Characters of a piece of a stream. */
const chunkLength = 65_536
const onlyReads = 'your role, your access or the scope of your token is for reading alone'

export function bindRoutes(routes: readonly Route[], rooms: Rooms, identify: Identified): Router {
  const router = Router().use(bound({ below: '/api/v1' }))
  for (const route of routes) {
    const path = route.path.replace(/\{(\w+)\}/g, ':$1')
    router[route.method](path, route.body ? body : noBody, async (req, res) => {
      await answer(res, await run(route, rooms, identify, req, res))
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
  const caller = await identify(req, res)
  const params = req.params as Record<string, string>
  /** Throws Refusal, for whoever the caller is by then. */
  const placeFor = async (stores: Stores, now: Caller): Promise<Place | undefined> => {
    const place = await placeOf(stores, params, now)
    if (!may(now, route.right, standingOf(place))) throw new Refusal('forbidden')
    if (route.method !== 'get' && route.changes !== false && !mayChange(now))
      throw new Refusal('forbidden', { says: onlyReads })
    return place
  }
  const place = await placeFor(rooms.reading, caller)
  const still = async (stores: Stores) => void (await placeFor(stores, await callerNow(stores, caller)))
  const query = route.query ? judged(route.query, given(req.query), 'query_invalid') : {}
  const input = route.body ? judged(route.body, readBody(req), 'body_invalid') : undefined
  const key = req.get('idempotency-key')
  const ifMatch = req.get('if-match')
  return route.run({
    body: input as never,
    query: query as never,
    params,
    // A route whose path names no organization does not look at its place.
    place: place as never,
    caller,
    context: { actor: actorOf(caller), still, ...forced(query), ...originOf(req, res) },
    ...(ifMatch === undefined ? {} : { ifMatch: tagsOf(ifMatch) }),
    ...(key === undefined || route.method !== 'post'
      ? {}
      : { repeat: repeatable(req, key, JSON.stringify(actorOf(caller))) }),
    accept: req.accepts(['application/json', 'application/x-ndjson', 'application/yaml']) || 'application/json',
  })
}

/** What of a place rights depend on. */
function standingOf(place: Place | undefined): RightsPlace {
  if (!place) return {}
  const { org, team, project, projectRole: role } = place
  return {
    orgId: org.id,
    ...(team ? { teamId: team.id } : {}),
    ...(project ? { project: { restricted: project.visibility === 'restricted', role } } : {}),
  }
}

async function answer(res: Response, { status = 200, body, yaml, etag, location, lines }: Answer): Promise<void> {
  res.status(status)
  // Some answers hold a secret that is shown once, and all of them what an admin has to see as it is now.
  res.set('Cache-Control', 'no-store')
  if (etag !== undefined) res.set('ETag', etag)
  if (location !== undefined) res.set('Location', `${res.locals.publicUrl}/api/v1${location}`)
  if (lines) {
    res.type('application/x-ndjson')
    await pipeline(Readable.from(inChunks(lines)), res).catch((error: unknown) => {
      // Whoever asked has left.
      if (!res.destroyed) throw error
    })
  } else if (yaml !== undefined) res.type('application/yaml').send(yaml)
  else if (body === undefined) res.status(204).end()
  else res.json(body)
}

/** Pieces of many lines, with a turn for others behind each. */
async function* inChunks(lines: AsyncIterable<unknown>): AsyncIterable<string> {
  let chunk = ''
  for await (const line of lines) {
    chunk += `${JSON.stringify(line)}\n`
    if (chunk.length < chunkLength) continue
    yield chunk
    chunk = ''
    await soon()
  }
  if (chunk !== '') yield chunk
}

/** On the routes that take it: also what is kept in a file. */
const forced = (query: unknown) =>
  (query as { force?: string }).force === 'true' ? ({ changing: 'forced' } as const) : {}

const tagsOf = (header = '') => header.split(',').map((tag) => tag.trim())

export function readBody(req: ExpressRequest): unknown {
  if (typeof req.body !== 'string') {
    const empty = req.get('content-length') === undefined || req.get('content-length') === '0'
    if (empty && req.get('transfer-encoding') === undefined) return {}
    throw new Refusal('unsupported_media_type', { says: 'send the body as application/json' })
  }
  if (req.body.trim() === '') return {}
  const strict = parseStrictJson(req.body.trimStart())
  if (strict.ok) return strict.value
  if (strict.fault === 'duplicate') throw new Refusal('body_malformed', { says: 'the body gives a member twice' })
  if (isJsonButNoObject(req.body))
    throw new Refusal('body_invalid', { errors: [{ path: '', message: 'must be a JSON object' }] })
  throw new Refusal('body_malformed')
}

function isJsonButNoObject(text: string): boolean {
  try {
    const read: unknown = JSON.parse(text)
    return typeof read !== 'object' || read === null || Array.isArray(read)
  } catch {
    return false
  }
}

/** An empty parameter is an absent one. */
const given = (query: ExpressRequest['query']) =>
  Object.fromEntries(Object.entries(query).filter(([, value]) => value !== ''))

export function judged(schema: ZodType, input: unknown, reason: 'body_invalid' | 'query_invalid'): unknown {
  const result = schema.safeParse(input)
  if (result.success) return result.data
  const errors = result.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }))
  throw new Refusal(reason, { errors })
}

/** Draft "The Idempotency-Key HTTP Header Field": the same key of the same caller on the same path is one request. */
function repeatable(req: ExpressRequest, key: string, actor: string) {
  if (!/^[\x20-\x7e]{1,255}$/.test(key))
    throw new Refusal('body_malformed', { says: 'Idempotency-Key must be 1 to 255 printable characters' })
  const sha256 = (value: string) => createHash('sha256').update(value).digest('hex')
  return { scope: sha256(JSON.stringify([actor, req.path, key])), digest: sha256(String(req.body ?? '')) }
}
