/** The front door: which request goes to which room. Express and helmet live in this room and nowhere else. */
import express, { type Express, type RequestHandler, Router } from 'express'
import helmet from 'helmet'
import type { Logger } from 'pino'
import type { DeviceLogin } from '../admin/device-login.ts'
import type { Setup } from '../admin/setup.ts'
import { Refusal } from '../errors/refusal.ts'
import type { Admit } from '../exchange/admit.ts'
import type { EvaluateFor } from '../exchange/evaluate.ts'
import type { Exchange } from '../exchange/exchange.ts'
import type { Identify } from '../exchange/identify.ts'
import type { Introspect } from '../exchange/introspect.ts'
import type { Revoke } from '../exchange/revoke.ts'
import type { UserInfo } from '../exchange/userinfo.ts'
import type { Dpop } from '../tokens/dpop.ts'
import { accessRoutes } from './access.ts'
import { type Answered, tellWhenAnswered } from './answered.ts'
import { bindRoutes } from './api/bind.ts'
import type { Rooms } from './api/route.ts'
import { allRoutes } from './api/routes.ts'
import { identified } from './bearer.ts'
import { createByCookie } from './by-cookie.ts'
import { createConsole } from './console.ts'
import { deviceLoginRoutes } from './device-login.ts'
import { docsRoutes } from './docs.ts'
import { oauthErrors, problems } from './errors.ts'
import { faultOf } from './fault.ts'
import { forwardAuthRoutes } from './forward-auth.ts'
import { type Health, healthRoutes } from './health.ts'
import { limits } from './limits.ts'
import { loginPageRoutes } from './login-page.ts'
import { oauthRoutes } from './oauth.ts'
import { type ScanningNeeds, secretScanningRoutes } from './secret-scanning.ts'
import { secures } from './security-headers.ts'
import { type SignInRooms, sessionRoutes } from './session.ts'
import { createSessionDoor } from './session-door.ts'
import { setupRoutes } from './setup.ts'
import { tokenHandlers, tokenIsPost, tokenPaths } from './token.ts'
import { userInfoRoutes } from './userinfo.ts'

export type AppNeeds = {
  rooms: Rooms
  exchange: Exchange
  identify: Identify
  introspect: Introspect
  revoke: Revoke
  userInfo: UserInfo
  evaluateFor: EvaluateFor
  mostEvaluations: number
  admit: Admit
  dpop: Pick<Dpop, 'nonce'>
  setup: Setup
  login: DeviceLogin
  signIn: SignInRooms
  scanning: ScanningNeeds
  health: Health
  log: Logger
  trustProxy: readonly string[]
  publicUrl: () => string
  requestId: () => string
  answered?: Answered | undefined
}

export function createApp(needs: AppNeeds): Express {
  const { rooms, log, publicUrl, requestId, health } = needs
  const identify = identified(needs.identify, needs.dpop)
  const byCookie = createByCookie({ signedIn: needs.signIn.signedIn, publicUrl })
  const sessionDoor = createSessionDoor({ ...needs, byCookie })
  const routes = allRoutes(rooms)
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('trust proxy', needs.trustProxy.length > 0 ? [...needs.trustProxy] : false)

  const watch = needs.answered && tellWhenAnswered(needs.answered)
  const secure = secures(
    publicUrl(),
    new Set([...tokenPaths, '/oauth/introspect', '/access/v1/evaluation', '/access/v1/evaluations']),
  )
  const dismissed = new WeakSet<object>()
  app.use((req, res, next) => {
    // Told to leave, a client may have sent on. That is not done: nobody would answer it.
    if (dismissed.has(req.socket)) return
    secure(req, res)
    watch?.(res)
    const id = requestId()
    res.locals.requestId = id
    res.locals.publicUrl = publicUrl()
    res.setHeader('X-Request-Id', id)
    const fault = faultOf(req, limits)
    if (fault || health.phase() === 'draining') {
      res.set('Connection', 'close')
      dismissed.add(req.socket)
    }
    next(fault)
  })
  const web = createConsole({ publicUrl })
  const door = Router()
  // The token endpoint stands first: its callers are programs, and it is the path that has to be fast.
  door.post(tokenPaths, tokenHandlers(needs))
  door.all(tokenPaths, tokenIsPost)
  door.use(oauthRoutes({ ...needs, identify, keyring: rooms.keyring }))
  door.use(deviceLoginRoutes(needs))
  door.use(['/oauth', '/oidc', '/v1', '/.well-known', '/login'], oauthErrors(log))
  door.use(accessRoutes({ ...needs, identify }))
  door.use(forwardAuthRoutes(needs))
  door.use(userInfoRoutes({ ...needs, identify }))
  door.use(healthRoutes(health))
  door.use(['/docs', '/setup', '/login'], pages)
  door.use(docsRoutes({ routes, publicUrl }))
  door.use(setupRoutes({ ...needs, showConsole: web.show, door: sessionDoor }))
  door.use(loginPageRoutes({ ...needs, byCookie }))
  door.use(secretScanningRoutes(needs.scanning))
  door.use(sessionRoutes({ ...needs, byCookie, door: sessionDoor }))
  door.use('/api/v1', bindRoutes(routes, rooms, byCookie.identified(identify)))
  door.use(web.files)
  door.use(web.fallback)

  const prefix = new URL(publicUrl()).pathname.replace(/\/$/, '')
  if (prefix !== '') {
    app.use(prefix, enteredBelow(prefix), door)
    app.use(enteredBelow(''))
  }
  app.use(door)
  app.use(() => {
    throw new Refusal('not_found')
  })
  app.use(problems(log, () => `${publicUrl()}/docs`))
  return app
}

/** Where in the path of the request ours begins. */
const enteredBelow =
  (prefix: string): RequestHandler =>
  (_req, res, next) => {
    res.locals.below = prefix
    next()
  }

/** Headers of what a browser shows, laid over those of security-headers.ts. */
const pages = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'self'"],
      imgSrc: ["'self'", 'data:'],
      objectSrc: ["'none'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
    },
  },
  referrerPolicy: { policy: 'no-referrer' },
  strictTransportSecurity: false,
  xFrameOptions: { action: 'deny' },
})
