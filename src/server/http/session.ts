/**
 * Signing in with a browser, and what is known of those who are: the console's own endpoints, the only ones. JSON; errors as
 * everywhere. A sign-in is counted as a check of a key, and is nobody's but a page's of ours.
 */
import { type Request, type Response, Router, text } from 'express'
import { z } from 'zod'
import { isApiKey } from '../accounts/api-key.ts'
import type { SessionLife } from '../admin/session.ts'
import type { Sessions, StartedSession } from '../admin/sessions.ts'
import type { Setup } from '../admin/setup.ts'
import { Refusal } from '../errors/refusal.ts'
import type { Identify } from '../exchange/identify.ts'
import type { FindSignedIn, SignedIn } from '../exchange/signed-in.ts'
import type { Stores } from '../storage/storage.ts'
import { judged, readBody } from './api/bind.ts'
import { originOf } from './bearer.ts'
import type { ByCookie } from './by-cookie.ts'
import { refuseOtherMethods } from './methods.ts'
import { sameOrigin } from './same-origin.ts'
import { createSessionAnswers } from './session-answers.ts'

/** What sign-in speaks to. */
export type SignInRooms = {
  sessions: Sessions
  signedIn: FindSignedIn
  reading: Pick<Stores, 'organizations' | 'teams' | 'sessions'>
  life: SessionLife
}
type Needs = { signIn: SignInRooms; byCookie: ByCookie; identify: Identify; setup: Setup; publicUrl: () => string }

const body = text({ type: ['application/json'], limit: 8192, defaultCharset: 'utf-8' })
const byKey = z.strictObject({ api_key: z.string().min(1).max(4096) })
const choice = z.strictObject({ organization: z.string().min(1).max(64) })

export function sessionRoutes({ signIn, byCookie, identify, setup, publicUrl }: Needs): Router {
  const { sessions, signedIn, reading, life } = signIn
  const answers = createSessionAnswers({ reading, usersOf: reading.sessions.usersOf, life })
  const router = Router()
  router.use(['/session', '/sessions'], sameOrigin({ publicUrl }))

  const answer = async (res: Response, status: number, found: (SignedIn & { secret: string }) | undefined) => {
    const session = found ? await answers.whole(found) : null
    res.status(status).json({ session, methods: { sso: null, set_up: await setup.isWaitedFor() } })
  }
  /** Throws Refusal('unauthenticated'). */
  const current = async (req: Request, res: Response) => {
    const found = await byCookie.signedIn(req, res)
    if (!found) throw new Refusal('unauthenticated', { says: 'nobody is signed in' })
    return found
  }
  /** Whoever signs in while a session is there leaves that one: the browser forgets it. */
  const leave = async (req: Request, res: Response) => {
    const secret = byCookie.secretOf(req)
    const before = secret === undefined ? undefined : await signedIn.bySecret(secret, originOf(req, res))
    if (before) await sessions.end(before.session, before.caller, originOf(req, res))
  }
  const hand = (res: Response, { secret }: StartedSession) =>
    byCookie.cookie.set(res, secret, Math.floor(life.most / 1000))

  router.get('/session', async (req, res) => {
    const found = await byCookie.signedIn(req, res)
    if (!found && byCookie.secretOf(req) !== undefined) byCookie.cookie.clear(res)
    await answer(res, 200, found)
  })
  router.post('/session', body, async (req, res) => {
    const { api_key } = judged(byKey, readBody(req), 'body_invalid') as z.output<typeof byKey>
    const key = api_key.trim()
    const origin = originOf(req, res)
    const caller = await identify({ secrets: [key] }, origin)
    const isOperator = caller.type === 'operator'
    if (!isOperator && !isApiKey(key))
      throw new Refusal('unauthenticated', { says: 'this is an access token; sign in with an API key' })
    if (caller.type === 'resource_server')
      throw new Refusal('unauthenticated', { says: 'this API key is of a resource server, which nobody signs in as' })
    await leave(req, res)
    const started = await sessions.startByKey(key, caller, isOperator ? 'operator_key' : 'api_key', origin)
    hand(res, started)
    await answer(res, 201, { ...started, caller })
  })
  router.delete('/session', async (req, res) => {
    const found = await byCookie.signedIn(req, res)
    if (found) await sessions.end(found.session, found.caller, originOf(req, res))
    if (byCookie.secretOf(req) !== undefined) byCookie.cookie.clear(res)
    res.json({ logout_url: null })
  })
  router.put('/session/organization', body, async (req, res) => {
    const found = await current(req, res)
    const { organization } = judged(choice, readBody(req), 'body_invalid') as z.output<typeof choice>
    await answer(res, 200, await chosen(found, organization, req, res))
  })
  router.get('/sessions', async (req, res) => {
    const { session, caller } = await current(req, res)
    const all = caller ? await signedIn.ofPrincipal(session.principalId ?? '') : [session]
    res.json({ items: all.map((each) => answers.listed(each, session.id)) })
  })
  router.delete('/sessions/:id', async (req, res) => {
    const { session, caller } = await current(req, res)
    const all = caller ? await signedIn.ofPrincipal(session.principalId ?? '') : [session]
    const ended = all.find(({ id }) => id === req.params.id)
    if (!ended) throw new Refusal('not_found')
    await sessions.end(ended, caller, originOf(req, res))
    if (ended.id === session.id) byCookie.cookie.clear(res)
    res.status(204).end()
  })
  router.delete('/sessions', async (req, res) => {
    const { session, caller } = await current(req, res)
    const all = caller ? await signedIn.ofPrincipal(session.principalId ?? '') : []
    for (const other of all) if (other.id !== session.id) await sessions.end(other, caller, originOf(req, res))
    res.status(204).end()
  })
  refuseOtherMethods(router, ['/session'], 'GET, HEAD, POST, DELETE')
  refuseOtherMethods(router, ['/session/organization'], 'PUT')
  refuseOtherMethods(router, ['/sessions'], 'GET, HEAD, DELETE')
  refuseOtherMethods(router, ['/sessions/:id'], 'DELETE')
  return router

  /** The session, as whoever they are in that organization. Throws Refusal('not_found'). */
  async function chosen(found: SignedIn & { secret: string }, named: string, req: Request, res: Response) {
    const { session, caller, secret } = found
    const org = await reading.organizations.find({}, named)
    if (!org) throw new Refusal('not_found')
    if (session.orgId === org.id) return found
    const users = session.email === null ? [] : await reading.sessions.usersOf(session.email)
    const user = users.find(({ orgId }) => orgId === org.id)
    if (!user) throw new Refusal('not_found')
    await sessions.choose(session, caller, { ...user, org: org.name }, originOf(req, res))
    return { secret, ...(await signedIn.bySecret(secret, originOf(req, res))) } as SignedIn & { secret: string }
  }
}
