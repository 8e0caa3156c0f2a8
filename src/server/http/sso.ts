/**
 * Signing in at the operator's provider: there, and back. What has to be known again is in a sealed cookie of ten minutes, so
 * that whoever comes back is who went. Who is refused goes to the sign-in page, which is told the reason and no more.
 */
import { type Request, type Response, Router } from 'express'
import { addressKey, type Failures } from '../accounts/failures.ts'
import type { User } from '../accounts/model.ts'
import type { Sessions, StartedSession } from '../admin/sessions.ts'
import { Refusal } from '../errors/refusal.ts'
import type { Flow, Provider, Vouched } from '../sign-in/provider.ts'
import type { Seal } from '../tokens/seal.ts'
import { originOf } from './bearer.ts'
import { refuseOtherMethods } from './methods.ts'
import { returnTo } from './return-to.ts'
import { cookieOf } from './session-cookie.ts'

export type SsoRooms = {
  /** Undefined: nobody is signed in that way. */
  provider: Provider | undefined
  sessions: Sessions
  /** As whom somebody with this verified e-mail address is known, in every organization. */
  usersOf: (email: string) => Promise<readonly (User & { org: string })[]>
  failures: Failures
  seal: Seal
  now: () => number
}
type Needs = {
  sso: SsoRooms
  publicUrl: () => string
  /** The session that was there is left for the new one. */
  replace: (req: Request, res: Response, started: StartedSession) => Promise<void>
}
type Begun = Flow & { at: number; returnTo: string }

/** Seconds. */
const life = 600
const sealedFor = 'a sign-in under way'

export function ssoRoutes({ sso, publicUrl, replace }: Needs): Router {
  const { provider, sessions, usersOf, failures, seal, now } = sso
  const cookie = cookieOf(publicUrl(), '-sso')
  const router = Router()
  const wanted = () => {
    if (!provider) throw new Refusal('not_found', { says: 'nobody signs in by a provider here (SSO_ISSUER)' })
    return provider
  }
  const begunIn = (req: Request): Begun | undefined => {
    try {
      const { plain } = seal.open(cookie.read(req) ?? '', sealedFor)
      const begun = JSON.parse(plain.toString()) as Begun
      return now() - begun.at < life * 1000 ? begun : undefined
    } catch {
      return undefined
    }
  }
  /** On record where whoever runs the installation looks. Throws Refusal. */
  const personOf = async (vouched: Vouched, req: Request, res: Response) => {
    const { email, isVerified, subject } = vouched
    const users = email !== undefined && isVerified ? await usersOf(email) : []
    if (email !== undefined && users.length > 0) return { email, users }
    const reason = email !== undefined && isVerified ? 'sso_person_unknown' : 'sso_email_unverified'
    const facts = { issuer: wanted().issuer, subject, ...(email === undefined ? {} : { email }) }
    await sessions.refused(reason, facts, originOf(req, res))
    throw new Refusal(reason)
  }
  const turnAway = (res: Response, { reason }: Refusal) => {
    const asked = new URLSearchParams({ sso_error: reason, request_id: res.locals.requestId })
    res.redirect(303, `${publicUrl()}/sign-in?${asked}`)
  }

  router.get('/session/sso', async (req, res) => {
    const { begin } = wanted()
    try {
      const { url, flow } = await begin()
      const begun: Begun = { ...flow, at: now(), returnTo: returnTo(req.query.return_to, publicUrl()) }
      cookie.set(res, seal.close(Buffer.from(JSON.stringify(begun)), sealedFor), life)
      res.redirect(302, url)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      turnAway(res, error)
    }
  })
  router.get('/session/sso/callback', async (req, res) => {
    const { finish } = wanted()
    const begun = begunIn(req)
    // What was begun is ended, whatever comes of it.
    if (cookie.read(req) !== undefined) cookie.clear(res)
    try {
      if (!begun) throw new Refusal('sso_failed')
      const vouched = await finish(new URL(req.originalUrl, publicUrl()).search, begun)
      const { email, users } = await personOf(vouched, req, res)
      const [user, another] = users
      const { issuer } = wanted()
      const person = { email, issuer, idToken: vouched.idToken, user: another ? undefined : user }
      await replace(req, res, await sessions.startByPerson(person, originOf(req, res)))
      res.redirect(303, publicUrl() + begun.returnTo)
    } catch (error) {
      if (!(error instanceof Refusal) || error.reason === 'storage_unavailable') throw error
      const isCounted = error.reason !== 'sso_unavailable'
      const isLimited = isCounted && (await failures.count(`${addressKey(originOf(req, res).client.ip)} sso`))
      turnAway(res, isLimited ? new Refusal('rate_limited') : error)
    }
  })
  refuseOtherMethods(router, ['/session/sso', '/session/sso/callback'], 'GET, HEAD')
  return router
}
