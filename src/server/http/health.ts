import { Router } from 'express'

export type Dependencies = Record<string, { state: 'ok' | 'unavailable' }>
/** `phase`: only while `serving` is the process ready. */
export type Health = { phase: () => 'starting' | 'serving' | 'draining'; dependencies: () => Promise<Dependencies> }

/** GET /livez (the process runs) and /readyz (it should get traffic). Degraded is ready: verification goes on. */
export function healthRoutes({ phase, dependencies }: Health): Router {
  return Router()
    .get('/livez', (_req, res) => {
      res.set('Cache-Control', 'no-store').json({ status: 'ok' })
    })
    .get('/readyz', async (_req, res) => {
      const found = await dependencies()
      const well = Object.values(found).every(({ state }) => state === 'ok')
      const serving = phase() === 'serving'
      const status = !serving ? 'unavailable' : well ? 'ok' : 'degraded'
      res
        .status(serving ? 200 : 503)
        .set('Cache-Control', 'no-store')
        .json({ status, dependencies: found })
    })
}
