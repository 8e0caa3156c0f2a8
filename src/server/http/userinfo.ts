import { Router } from 'express'
import type { UserInfo } from '../exchange/userinfo.ts'
import type { Identified } from './bearer.ts'
import { refuseOtherMethods } from './methods.ts'

/** GET or POST /oauth/userinfo: OpenID Connect Core §5.3.1. */
export function userInfoRoutes({ identify, userInfo }: { identify: Identified; userInfo: UserInfo }): Router {
  const router = Router()
  for (const method of ['get', 'post'] as const) {
    router[method]('/oauth/userinfo', async (req, res) => {
      res.set('Cache-Control', 'no-store').json(await userInfo(await identify(req, res)))
    })
  }
  refuseOtherMethods(router, ['/oauth/userinfo'], 'GET, HEAD, POST')
  return router
}
