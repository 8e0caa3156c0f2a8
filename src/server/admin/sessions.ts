/**
 * Signing in with a browser, and out again: a session is made, told from others, and ended.
 * Rules: its secret is made here and nowhere taken over, so that nobody can have it before its owner; whoever has too
 * many ends the oldest; each beginning and end is on record where its owner is at home.
 */
import { randomBytes } from 'node:crypto'
import type { JsonObject } from '../../protocol/json.ts'
import type { Caller } from '../access/authority.ts'
import { digestOf } from '../accounts/api-key.ts'
import type { User } from '../accounts/model.ts'
import type { Actor, Deed } from '../audit/event.ts'
import type { Origin } from '../audit/origin.ts'
import type { Reason } from '../errors/catalogue.ts'
import { Refusal } from '../errors/refusal.ts'
import type { Seal } from '../tokens/seal.ts'
import { isRevokedSince } from './end-sessions.ts'
import { actorOf, type Perform, type Where, type Work } from './perform.ts'
import { operatorId, type Session, type SessionLife, type SignedInBy, sealedFor } from './session.ts'

/** `secret`: for the cookie, said once. */
export type StartedSession = { session: Session; secret: string }
/** Whom a provider (`issuer`) has verified. `user`: as whom they are here; undefined as long as they have to choose. */
export type VerifiedPerson = {
  email: string
  issuer: string
  idToken: string
  user: (User & { org: string }) | undefined
}

export type Sessions = {
  /** `caller`: whose key it is, the operator or whoever is found by it. Throws Refusal('unauthenticated') when it has died since. */
  startByKey(key: string, caller: Caller, by: SignedInBy, origin: Origin): Promise<StartedSession>
  startByPerson(person: VerifiedPerson, origin: Origin): Promise<StartedSession>
  /** As whom they go on. `before`: as whom they were here. Throws Refusal('unauthenticated') when the session is gone, or they were revoked. */
  choose(session: Session, before: Caller | undefined, user: User & { org: string }, origin: Origin): Promise<Session>
  /** `caller`: whom the session stands for. Nothing happens to one that is gone. */
  end(session: Session, caller: Caller | undefined, origin: Origin): Promise<void>
  /** What the provider gave, to be shown to it when they sign out there. */
  idTokenOf(session: Session): string | undefined
  /** Somebody whom a provider vouches for is nobody here: on record in the installation's trail. */
  refused(reason: Reason, facts: JsonObject, origin: Origin): Promise<void>
}

/** Of one principal. */
export const mostSessions = 50

type Needs = {
  perform: Perform
  /** Never rejects. */
  record: (deed: Deed) => Promise<void>
  seal: Seal
  life: Pick<SessionLife, 'most'>
  now: () => number
}
type Whom = Pick<Session, 'principalId' | 'orgId' | 'keyId' | 'email'>
type Proof = Pick<Session, 'proof' | 'idToken'>

export function createSessions({ perform, record: keep, seal, life, now }: Needs): Sessions {
  const startWithin = async (
    work: Work,
    signedInBy: SignedInBy,
    whom: Whom,
    proofOf: (id: string) => Proof,
    { client }: Origin,
    where: Where,
  ): Promise<StartedSession> => {
    const { sessions } = work.stores
    const id = work.newId('ses')
    const secret = randomBytes(32).toString('base64url')
    const session: Session = {
      id,
      digest: digestOf(secret),
      signedInBy,
      ...whom,
      ...proofOf(id),
      createdAt: work.now,
      lastSeenAt: work.now,
      expiresAt: work.now + life.most,
      clientIp: client.ip,
      clientAgent: client.user_agent,
    }
    const others = whom.principalId === null ? [] : await sessions.ofPrincipal(whom.principalId, work.now)
    for (const oldest of others.slice(mostSessions - 1)) await sessions.remove(oldest.id)
    await sessions.insert(session)
    await record(work, 'start', session, where)
    return { session, secret }
  }
  const sealed = (text: string, id: string, what: Parameters<typeof sealedFor>[1]) =>
    seal.close(Buffer.from(text), sealedFor(id, what))

  return {
    startByKey(key, caller, by, origin) {
      const digest = digestOf(key)
      return perform({ actor: actorOf(caller), ...origin }, async (work) => {
        if (caller.type === 'operator') {
          const whom = { principalId: operatorId, orgId: null, keyId: null, email: null }
          const proofOf = (id: string) => ({ proof: sealed(digest, id, 'operator key'), idToken: null })
          return startWithin(work, by, whom, proofOf, origin, {})
        }
        const shown = await work.stores.keys.first({ digest })
        if (!shown) throw new Refusal('unauthenticated')
        const whom = { principalId: caller.id, orgId: caller.orgId, keyId: shown.id, email: null }
        return startWithin(work, by, whom, () => ({ proof: digest, idToken: null }), origin, homeOf(caller))
      })
    },
    startByPerson({ email, issuer, idToken, user }, origin) {
      return perform({ actor: user ? personOf(user) : { type: 'user', name: email }, ...origin }, (work) => {
        const whom = { principalId: user?.id ?? null, orgId: user?.orgId ?? null, keyId: null, email }
        const proofOf = (id: string) => ({ proof: digestOf(issuer), idToken: sealed(idToken, id, 'id token') })
        return startWithin(work, 'sso', whom, proofOf, origin, user ? orgOf(user) : {})
      })
    },
    choose(session, before, user, origin) {
      return perform({ actor: personOf(user), ...origin }, async (work) => {
        if (await isRevokedSince(work.stores.revocations, user.id, session.createdAt, work.now))
          throw new Refusal('unauthenticated', {
            says: 'all of this user was revoked since this session began: sign in again',
          })
        const chosen = await work.stores.sessions.choose(session.id, { principalId: user.id, orgId: user.orgId })
        if (!chosen) throw new Refusal('unauthenticated')
        if (before) await record(work, 'end', session, homeOf(before))
        await record(work, 'start', chosen, orgOf(user))
        return chosen
      })
    },
    async end(session, caller, origin) {
      const actor = caller ? actorOf(caller) : ({ type: 'user', name: session.email ?? '' } as const)
      await perform({ actor, ...origin }, async (work) => {
        if (await work.stores.sessions.remove(session.id)) await record(work, 'end', session, homeOf(caller))
        return {}
      })
    },
    idTokenOf({ id, idToken }) {
      try {
        return idToken === null ? undefined : seal.open(idToken, sealedFor(id, 'id token')).plain.toString()
      } catch {
        // Sealed under a master key that is no more.
        return undefined
      }
    },
    refused: (reason, facts, { requestId, client }) =>
      keep({
        at: now(),
        type: 'session.start',
        result: 'refused',
        reason,
        request_id: requestId,
        actor: { type: 'workload' },
        target: { type: 'session' },
        client,
        detail: { signed_in_by: 'sso', ...facts },
      }),
  }
}

const record = (work: Work, deed: 'start' | 'end', { id, signedInBy }: Session, where: Where) =>
  work.record(`session.${deed}`, where, { type: 'session', id }, { signed_in_by: signedInBy })

const personOf = ({ id, name }: User): Actor => ({ type: 'user', id, name })
const orgOf = ({ orgId, org }: User & { org: string }): Where => ({ org: { id: orgId, name: org } })
const homeOf = (caller: Caller | undefined): Where =>
  caller && caller.type !== 'operator' ? { org: { id: caller.orgId, name: caller.org } } : {}
