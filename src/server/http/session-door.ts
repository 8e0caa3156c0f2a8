import type { Request, Response } from 'express'
import type { StartedSession } from '../admin/sessions.ts'
import type { Setup } from '../admin/setup.ts'
import type { SignedIn } from '../exchange/signed-in.ts'
import { originOf } from './bearer.ts'
import type { ByCookie } from './by-cookie.ts'
import type { SignInRooms } from './session.ts'
import { createSessionAnswers } from './session-answers.ts'

/** What whoever signs in is given and told, by whichever way they came. */
export type SessionDoor = ReturnType<typeof createSessionDoor>

type Needs = { signIn: SignInRooms; byCookie: ByCookie; setup: Pick<Setup, 'isWaitedFor'> }

export function createSessionDoor({ signIn, byCookie, setup }: Needs) {
  const { sessions, signedIn, reading, usersOf, provider, life } = signIn
  const { whole, listed } = createSessionAnswers({ reading, usersOf, life })
  return {
    listed,
    async answer(res: Response, status: number, found: (SignedIn & { secret: string }) | undefined, more: object = {}) {
      const session = found ? await whole(found) : null
      const sso = provider ? { name: provider.name } : null
      res.status(status).json({ ...more, session, methods: { sso, set_up: await setup.isWaitedFor() } })
    },
    /** Whoever signs in while a session is there leaves that one: the browser forgets it. */
    async replace(req: Request, res: Response, { secret }: StartedSession): Promise<void> {
      const before = byCookie.secretOf(req)
      const left = before === undefined ? undefined : await signedIn.bySecret(before, originOf(req, res))
      if (left) await sessions.end(left.session, left.caller, originOf(req, res))
      byCookie.cookie.set(res, secret, Math.floor(life.most / 1000))
    },
  }
}
