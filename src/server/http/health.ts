import { Router } from 'express'
import { refuseOtherMethods } from './methods.ts'

type State = 'ok' | 'unavailable'
export type Dependencies = Record<string, { state: State }>
/** Of a dependency that was asked for something small. */
export const stateOf = (asked: Promise<unknown>): Promise<State> =>
  asked.then(
    () => 'ok',
    () => 'unavailable',
  )
/** `phase`: only while `serving` is the process ready. */
export type Health = { phase: () => 'starting' | 'serving' | 'draining'; dependencies: () => Promise<Dependencies> }

/** GET /livez (the process runs) and /readyz (it should get traffic). Degraded is ready: verification goes on. */
export function healthRoutes({ phase, dependencies }: Health): Router {
  const router = Router()
  router.get('/livez', (_req, res) => {
    res.set('Cache-Control', 'no-store').json({ status: 'ok' })
  })
  router.get('/readyz', async (_req, res) => {
    const found = await dependencies()
    const well = Object.values(found).every(({ state }) => state === 'ok')
    const serving = phase() === 'serving'
    const status = !serving ? 'unavailable' : well ? 'ok' : 'degraded'
    res
      .status(serving ? 200 : 503)
      .set('Cache-Control', 'no-store')
      .json({ status, dependencies: found })
  })
  refuseOtherMethods(router, ['/livez', '/readyz'], 'GET, HEAD')
  return router
}
