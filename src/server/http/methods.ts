import type { Router } from 'express'
import { Refusal } from '../errors/refusal.ts'

/** Any other method on a path is refused with what there is (RFC 9110 §15.5.6). To be called after the path's own routes. */
export function refuseOtherMethods(router: Router, paths: readonly string[], allow: string): void {
  router.all([...paths], (_req, res) => {
    res.set({ 'Cache-Control': 'no-store', Allow: allow })
    throw new Refusal('method_not_allowed')
  })
}
