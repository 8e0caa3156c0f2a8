import type { User } from '../accounts/model.ts'
import { principalOfUser } from '../accounts/recognize.ts'
import type { Lookups } from '../accounts/store.ts'
import type { VerifiedToken } from '../issuers/verify.ts'
import type { Proven } from './prove.ts'

/**
 * The user that a token of an issuer registered for people (`users: true`) names: by `sub`, or by `email` when the
 * issuer says it verified that (OpenID Connect Core §5.7). Undefined when it names none, or more than one.
 */
export async function personOf(
  token: Pick<VerifiedToken, 'registration' | 'claims' | 'subject' | 'issuer' | 'org'>,
  lookups: Pick<Lookups, 'usersNamed'>,
): Promise<Proven | undefined> {
  const { registration, claims } = token
  const { users, userClaim, orgId, id } = registration
  if (!users) return undefined
  const name = userClaim === 'sub' ? token.subject : claims.email_verified === true ? claims.email : undefined
  if (typeof name !== 'string' || name === '') return undefined
  const fitting = (await lookups.usersNamed(orgId, name)).filter(userClaim === 'sub' ? isCalled(name) : hasEmail(name))
  const [user, another] = fitting
  if (!user || another) return undefined
  const idp = { iss: token.issuer, sub: token.subject }
  return principalOfUser(user, token.org, { method: 'federated', idp, via: [id] })
}

/** A subject is compared as it stands: to its issuer, another letter case is another person. */
const isCalled = (subject: string) => (user: User) => user.name === subject || user.email === subject
const hasEmail = (email: string) => (user: User) => user.email.toLowerCase() === email.toLowerCase()
