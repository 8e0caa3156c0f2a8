/**
 * Signing in with a browser, and what is known of those who are: the console's own endpoints, the only ones. JSON; errors as
 * everywhere. A sign-in is counted as a check of a key, and is nobody's but a page's of ours.
 */
import { type Request, type Response, Router, text } from 'express'
import { z } from 'zod'
import { isApiKey } from '../accounts/api-key.ts'
import type { SessionLife } from '../admin/session.ts'
import { Refusal } from '../errors/refusal.ts'
import type { Identify } from '../exchange/identify.ts'
import type { FindSignedIn, SignedIn } from '../exchange/signed-in.ts'
import type { Stores } from '../storage/storage.ts'
import { judged, readBody } from './api/bind.ts'
import { originOf } from './bearer.ts'
import type { ByCookie } from './by-cookie.ts'
import { refuseOtherMethods } from './methods.ts'
import { sameOrigin } from './same-origin.ts'
import type { SessionDoor } from './session-door.ts'
import { type SsoRooms, ssoRoutes } from './sso.ts'

/** What sign-in speaks to. */
export type SignInRooms = SsoRooms & {
  signedIn: FindSignedIn
  reading: Pick<Stores, 'organizations' | 'teams'>
  life: SessionLife
}
type Needs = {
  signIn: SignInRooms
  byCookie: ByCookie
  door: SessionDoor
  identify: Identify
  publicUrl: () => string
}

const body = text({ type: ['application/json'], limit: 8192, defaultCharset: 'utf-8' })
const byKey = z.strictObject({ api_key: z.string().min(1).max(4096) })
const choice = z.strictObject({ organization: z.string().min(1).max(64) })

export function sessionRoutes({ signIn, byCookie, door, identify, publicUrl }: Needs): Router {
  const { sessions, signedIn, reading, usersOf, provider } = signIn
  const { answer, listed, replace } = door
  const router = Router()
  router.use(['/session', '/sessions'], sameOrigin({ publicUrl }))

  /** Throws Refusal('unauthenticated'). */
  const current = async (req: Request, res: Response) => {
    const found = await byCookie.signedIn(req, res)
    if (!found) throw new Refusal('unauthenticated', { says: 'nobody is signed in' })
    return found
  }
  const logoutUrlOf = async (found: SignedIn | undefined) => {
    const idToken = found && sessions.idTokenOf(found.session)
    return idToken && provider ? provider.logoutUrl(idToken) : undefined
  }

  router.get('/session', async (req, res) => {
    const found = await byCookie.signedIn(req, res)
    if (!found && byCookie.isGiven(req)) byCookie.cookie.clear(res)
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
    const started = await sessions.startByKey(key, caller, isOperator ? 'operator_key' : 'api_key', origin)
    await replace(req, res, started)
    await answer(res, 201, { ...started, caller })
  })
  router.delete('/session', async (req, res) => {
    const found = await byCookie.signedIn(req, res)
    if (found) await sessions.end(found.session, found.caller, originOf(req, res))
    if (byCookie.isGiven(req)) byCookie.cookie.clear(res)
    res.json({ logout_url: (await logoutUrlOf(found)) ?? null })
  })
  router.put('/session/organization', body, async (req, res) => {
    const found = await current(req, res)
    const { organization } = judged(choice, readBody(req), 'body_invalid') as z.output<typeof choice>
    await answer(res, 200, await chosen(found, organization, req, res))
  })
  router.get('/sessions', async (req, res) => {
    const { session, caller } = await current(req, res)
    const all = caller ? await signedIn.ofPrincipal(session.principalId ?? '') : [session]
    res.json({ items: all.map((each) => listed(each, session.id)) })
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
  router.use(ssoRoutes({ sso: signIn, publicUrl, replace }))
  refuseOtherMethods(router, ['/session'], 'GET, HEAD, POST, DELETE')
  refuseOtherMethods(router, ['/session/organization'], 'PUT')
  refuseOtherMethods(router, ['/sessions'], 'GET, HEAD, DELETE')
  refuseOtherMethods(router, ['/sessions/:id'], 'DELETE')
  return router

  /** The session, as whoever they are in that organization. Throws Refusal: not_found, unauthenticated. */
  async function chosen(found: SignedIn & { secret: string }, named: string, req: Request, res: Response) {
    const { session, caller, secret } = found
    const org = await reading.organizations.find({}, named)
    if (!org) throw new Refusal('not_found')
    if (session.orgId === org.id) return found
    const users = session.email === null ? [] : await usersOf(session.email)
    const user = users.find(({ orgId }) => orgId === org.id)
    if (!user) throw new Refusal('not_found')
    await sessions.choose(session, caller, user, originOf(req, res))
    const now = await signedIn.bySecret(secret, originOf(req, res))
    if (!now) throw new Refusal('unauthenticated', { says: 'the session has ended: sign in again' })
    return { secret, ...now }
  }
}
