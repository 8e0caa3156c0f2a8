/**
 * Who is signed in with a browser. The cookie is looked at where there is no Authorization header, and on whatever may
 * change something only for a page of ours that knows the session's token.
 */
import type { Request, Response } from 'express'
import type { Caller } from '../access/authority.ts'
import { Refusal } from '../errors/refusal.ts'
import type { FindSignedIn, SignedIn } from '../exchange/signed-in.ts'
import { type Identified, originOf } from './bearer.ts'
import { refuseWithoutToken } from './csrf.ts'
import { isSafe, refuseOtherSites } from './same-origin.ts'
import { type Cookie, cookieOf } from './session-cookie.ts'

export type ByCookie = {
  cookie: Cookie
  /** The secret of the cookie that counts. */
  secretOf(req: Request): string | undefined
  /** Also one that is given twice, and counts for nothing. */
  isGiven(req: Request): boolean
  /** Whom it stands for; to be asked where nothing is changed. */
  find: FindSignedIn['bySecret']
  /** Undefined when nobody is signed in. `token`: of a form, which sends no header. Throws Refusal('cross_site'). */
  signedIn(req: Request, res: Response, token?: unknown): Promise<(SignedIn & { secret: string }) | undefined>
  /** Whom the cookie stands for; without one, whoever `otherwise` finds. */
  identified(otherwise: Identified): Identified
}

type Needs = { signedIn: FindSignedIn; publicUrl: () => string }

export function createByCookie({ signedIn: find, publicUrl }: Needs): ByCookie {
  const cookie = cookieOf(publicUrl())
  const secretOf = (req: Request) => (req.headers.authorization === undefined ? cookie.read(req) : undefined)
  const signedIn: ByCookie['signedIn'] = async (req, res, token = req.headers['x-csrf-token']) => {
    const secret = secretOf(req)
    if (secret === undefined) return undefined
    if (!isSafe(req.method)) {
      refuseOtherSites(req, publicUrl())
      refuseWithoutToken(secret, token)
    }
    const found = await find.bySecret(secret, originOf(req, res))
    return found && { ...found, secret }
  }
  return {
    cookie,
    secretOf,
    isGiven: (req) => req.headers.authorization === undefined && cookie.isGiven(req),
    find: find.bySecret,
    signedIn,
    identified:
      (otherwise) =>
      async (req, res, inBody): Promise<Caller> => {
        if (secretOf(req) === undefined) return otherwise(req, res, inBody)
        const found = await signedIn(req, res)
        if (!found) throw new Refusal('unauthenticated', { says: 'the session has ended: sign in again' })
        if (!found.caller)
          throw new Refusal('unauthenticated', { says: 'choose an organization first (PUT /session/organization)' })
        return found.caller
      },
  }
}
