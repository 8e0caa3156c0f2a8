/**
 * What a terminal asks to be let in: RFC 8628 §3.1 and §3.4, at paths of their own, since what it gets is an API key.
 * Nobody is known here yet; the device code is all the terminal has to show.
 */
import { Router } from 'express'
import { withoutSecrets } from '../../protocol/secret-text.ts'
import type { DeviceLogin } from '../admin/device-login.ts'
import { Refusal } from '../errors/refusal.ts'
import { originOf } from './bearer.ts'
import { refuseOtherMethods } from './methods.ts'
import { need, once, parameterBody, parametersOf } from './parameters.ts'
import { sameOrigin } from './same-origin.ts'

export const loginPaths = { start: '/login/device', collect: '/login/device/token', approve: '/login/approve' } as const

/** Seconds that the key lives. */
export const keyLives = { least: 300, usual: 30 * 86_400, most: 90 * 86_400 } as const

export function deviceLoginRoutes({ login, publicUrl }: { login: DeviceLogin; publicUrl: () => string }): Router {
  const router = Router()
  // No page of another site sends anybody's browser here, neither to begin nor to approve.
  router.use('/login', sameOrigin({ publicUrl }))
  // All else at this path is the page's, which has its own headers.
  router.all(loginPaths.start, (req, _res, next) => next(req.method === 'POST' ? undefined : 'router'))
  router.post(loginPaths.start, parameterBody, async (req, res) => {
    res.set('Cache-Control', 'no-store')
    const parameters = once(parametersOf(req))
    const ask = { clientName: nameIn(parameters.get('client_name')), keyLife: lifeIn(parameters.get('key_lifetime')) }
    const { deviceCode, userCode, expiresIn, interval } = await login.start(ask, originOf(req, res))
    const at = publicUrl() + loginPaths.start
    res.json({
      device_code: deviceCode,
      user_code: userCode,
      verification_uri: at,
      verification_uri_complete: `${at}?user_code=${userCode}`,
      expires_in: expiresIn,
      interval,
    })
  })
  router.post(loginPaths.collect, parameterBody, async (req, res) => {
    res.set('Cache-Control', 'no-store')
    const deviceCode = need(once(parametersOf(req)), 'device_code')
    const { secret, key, user, org } = await login.collect(deviceCode, originOf(req, res))
    res.json({
      api_key: secret,
      name: key.name,
      expires_at: key.expiresAt === null ? null : new Date(key.expiresAt).toISOString(),
      user: user.name,
      org: org.name,
    })
  })
  refuseOtherMethods(router, [loginPaths.collect], 'POST')
  return router
}

/** What stands on the page that a person approves by: nothing in it turns the text around or hides. */
const nameForm = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]{0,80}$/u

function nameIn(text = ''): string {
  const name = text.trim()
  if (!nameForm.test(name))
    throw new Refusal('malformed_request', { says: 'client_name has at most 80 characters, all of them to be seen' })
  return withoutSecrets(name)
}

function lifeIn(text: string | undefined): number {
  if (text === undefined) return keyLives.usual
  const life = /^\d{1,9}$/.test(text) ? Number(text) : 0
  if (life < keyLives.least || life > keyLives.most)
    throw new Refusal('malformed_request', {
      says: `key_lifetime is a number of seconds, ${keyLives.least} to ${keyLives.most}`,
    })
  return life
}
