/** A session as its owner sees it. The csrf_token is for the page that it is open in, and for no list. */
import type { Caller } from '../access/authority.ts'
import type { User } from '../accounts/model.ts'
import { idleEndOf, type Session, type SessionLife } from '../admin/session.ts'
import type { SignedIn } from '../exchange/signed-in.ts'
import type { Stores } from '../storage/storage.ts'
import { whoIs } from './api/who-is.ts'
import { csrfTokenOf } from './csrf.ts'

type Needs = {
  reading: Pick<Stores, 'organizations' | 'teams'>
  /** As whom somebody with this verified e-mail address is known. */
  usersOf: (email: string) => Promise<readonly User[]>
  life: SessionLife
}

const iso = (ms: number) => new Date(ms).toISOString()

export function createSessionAnswers({ reading, usersOf, life }: Needs) {
  const listed = (session: Session) => ({
    id: session.id,
    signed_in_by: session.signedInBy,
    created_at: iso(session.createdAt),
    last_seen_at: iso(session.lastSeenAt),
    expires_at: iso(session.expiresAt),
    idle_expires_at: iso(idleEndOf(session, life)),
    client: { ip: session.clientIp, user_agent: session.clientAgent },
  })
  const orgIdsOf = async ({ email }: Session, caller: Caller | undefined): Promise<readonly string[]> => {
    if (email !== null) return (await usersOf(email)).map(({ orgId }) => orgId)
    return caller && caller.type !== 'operator' ? [caller.orgId] : []
  }
  const organizationsOf = async (session: Session, caller: Caller | undefined) => {
    const ids = await orgIdsOf(session, caller)
    const found = await Promise.all(ids.map((id) => reading.organizations.find({}, id)))
    return found.flatMap((org) => (org ? [{ id: org.id, name: org.name, display_name: org.displayName }] : []))
  }
  return {
    /** With whether it is the one that asks. */
    listed: (session: Session, current: string) => ({ ...listed(session), current: session.id === current }),
    async whole({ session, caller, secret }: SignedIn & { secret: string }) {
      return {
        ...listed(session),
        csrf_token: csrfTokenOf(secret),
        me: caller ? await whoIs(caller, (id) => reading.teams.find({}, id)) : null,
        organizations: await organizationsOf(session, caller),
      }
    },
  }
}
