/**
 * What a page of ours can say and no other can: a token that follows from the secret of the session, which a page of ours
 * is told and no script can read. It is asked for wherever a cookie alone would do something, beside where the browser says
 * that the request comes from (same-origin.ts).
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { Refusal } from '../errors/refusal.ts'

export const csrfTokenOf = (secret: string): string =>
  createHmac('sha256', secret).update('countersign csrf').digest('base64url')

/** Throws Refusal('cross_site'). */
export function refuseWithoutToken(secret: string, given: unknown): void {
  const wanted = Buffer.from(csrfTokenOf(secret))
  const shown = Buffer.from(typeof given === 'string' ? given : '')
  if (shown.length === wanted.length && timingSafeEqual(shown, wanted)) return
  throw new Refusal('cross_site', {
    says: 'whoever is signed in by a cookie sends the csrf_token of the session (GET /session) in the X-CSRF-Token header',
  })
}
