/**
 * Whom a session stands for, as they are now. What it was proven with is looked at every time, in the same way as when it
 * is shown by itself: a session is no better than its key, and a person's no better than their e-mail address.
 */
import { timingSafeEqual } from 'node:crypto'
import type { Caller } from '../access/authority.ts'
import { digestOf } from '../accounts/api-key.ts'
import { type HolderOf, isLive } from '../accounts/recognize.ts'
import type { Lookups } from '../accounts/store.ts'
import { hasEnded, type Session, type SessionLife, type SessionStore, sealedFor } from '../admin/session.ts'
import type { Origin } from '../audit/origin.ts'
import type { Seal } from '../tokens/seal.ts'
import type { Callers } from './callers.ts'
import { isPersons } from './persons-email.ts'

/** `caller`: undefined as long as one of several organizations has to be chosen. */
export type SignedIn = { session: Session; caller: Caller | undefined }

export type FindSignedIn = {
  /** By the secret of a cookie. Undefined when there is none, or whom it stands for is gone. */
  bySecret(secret: string, origin: Origin): Promise<SignedIn | undefined>
  /** The living sessions of whoever it is, newest first. */
  ofPrincipal(principalId: string): Promise<readonly Session[]>
}

type Needs = {
  sessions: Pick<SessionStore, 'find' | 'ofPrincipal'>
  /** Remembers when it was asked for last. */
  seen: (id: string, at: number) => Promise<void>
  operatorKey: string | undefined
  /** The provider by which people sign in now. */
  ssoIssuer: string | undefined
  holderOf: HolderOf
  lookups: Pick<Lookups, 'keyHolder' | 'user'>
  callers: Callers
  seal: Seal
  life: SessionLife
  now: () => number
}

/** ms: so often it is written down that a session is in use. */
const seenEvery = 60_000
const secretForm = /^[\w-]{43}$/

export function createFindSignedIn(needs: Needs): FindSignedIn {
  const { sessions, operatorKey, lookups, callers, seal, life, now } = needs
  const providerDigest = needs.ssoIssuer === undefined ? undefined : digestOf(needs.ssoIssuer)
  const operatorDigest = operatorKey === undefined ? undefined : Buffer.from(digestOf(operatorKey))

  const isOperators = ({ id, proof }: Session): boolean => {
    if (!operatorDigest || proof === null) return false
    try {
      const { plain } = seal.open(proof, sealedFor(id, 'operator key'))
      return plain.length === operatorDigest.length && timingSafeEqual(plain, operatorDigest)
    } catch {
      // Sealed under a master key that is no more.
      return false
    }
  }
  /** `holderOf`: of the key that it was proven with. 'nobody': it is dead. */
  const whoIs = async (
    session: Session,
    holderOf: (digest: string) => ReturnType<HolderOf>,
  ): Promise<Caller | undefined | 'nobody'> => {
    const { signedInBy, principalId, email, proof, keyId } = session
    if (signedInBy === 'operator_key') return isOperators(session) ? { type: 'operator' } : 'nobody'
    if (signedInBy === 'sso') {
      if (providerDigest === undefined || proof !== providerDigest) return 'nobody'
      if (principalId === null) return undefined
      const found = await lookups.user(principalId)
      if (!found || email === null || !isPersons(found.user, email)) return 'nobody'
      return (await callers.user(principalId, false)) ?? 'nobody'
    }
    const holder = proof === null ? undefined : await holderOf(proof)
    if (holder?.key.id !== keyId) return 'nobody'
    return (await callers.ofKey(holder)) ?? 'nobody'
  }

  return {
    async bySecret(secret, origin) {
      if (!secretForm.test(secret)) return undefined
      const at = now()
      const session = await sessions.find(digestOf(secret), at)
      if (!session || hasEnded(session, life, at)) return undefined
      const caller = await whoIs(session, (digest) => needs.holderOf(digest, origin))
      if (caller === 'nobody') return undefined
      if (at - session.lastSeenAt < seenEvery) return { session, caller }
      await needs.seen(session.id, at)
      return { session: { ...session, lastSeenAt: at }, caller }
    },
    async ofPrincipal(principalId) {
      const at = now()
      const found = await sessions.ofPrincipal(principalId, at)
      const holderOf = async (digest: string) => {
        const holder = await lookups.keyHolder(digest)
        return holder && isLive(holder, at) ? holder : undefined
      }
      const living = await Promise.all(
        found.map(async (session) => !hasEnded(session, life, at) && (await whoIs(session, holderOf)) !== 'nobody'),
      )
      return found.filter((_, i) => living[i])
    },
  }
}
