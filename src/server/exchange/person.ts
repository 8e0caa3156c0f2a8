import { principalOfUser } from '../accounts/recognize.ts'
import type { Lookups } from '../accounts/store.ts'
import type { VerifiedToken } from '../issuers/verify.ts'
import type { Proven } from './prove.ts'

/**
 * The user that a token of an issuer registered for people (`users: true`) names: by `sub`, or by `email` when the
 * issuer says it verified that (OpenID Connect Core §5.7). Undefined when it names none, or more than one.
 */
export async function personOf(
  token: VerifiedToken,
  lookups: Pick<Lookups, 'usersNamed'>,
): Promise<Proven | undefined> {
  const { registration, claims } = token
  if (!registration.users) return undefined
  const name =
    registration.userClaim === 'sub' ? token.subject : claims.email_verified === true ? claims.email : undefined
  if (typeof name !== 'string' || name === '') return undefined
  const named = await lookups.usersNamed(registration.orgId, name)
  const [user] =
    registration.userClaim === 'email' ? named.filter(({ email }) => email.toLowerCase() === name.toLowerCase()) : named
  if (!user || named.length > 1) return undefined
  const idp = { iss: token.issuer, sub: token.subject }
  return principalOfUser(user, token.org, { method: 'federated', idp, via: [registration.id] })
}
