/** Verifies an access token without asking anybody (RFC 9068 §4): signature, type, issuer, audience, organization, times. */
import { decodeProtectedHeader, errors, jwtVerify } from 'jose'
import { type Claims, callerOf } from './caller.ts'
import { algorithms, type FindKey } from './key-set.ts'
import { VerifyError, type VerifyErrorCode } from './verify-error.ts'

export type VerifyToken = (token: string) => Promise<Claims>

type Needs = {
  findKey: FindKey
  issuer: string
  organization: string
  audiences: readonly string[]
  /** Seconds. */
  clockTolerance: number
  /** ms since 1970. */
  now: () => number
}

export function createVerifyToken(needs: Needs): VerifyToken {
  const { findKey, issuer, organization, audiences, clockTolerance, now } = needs
  return async (token) => {
    // Before any key is looked for: what is none of Countersign's tokens causes no look.
    if (headerOf(token).typ !== 'at+jwt') throw new VerifyError('type_wrong')
    const claims = await jwtVerify(token, ({ kid, alg }) => keyOf(findKey, kid, alg), {
      algorithms,
      issuer,
      audience: [...audiences],
      typ: 'at+jwt',
      clockTolerance,
      currentDate: new Date(now()),
      requiredClaims: ['exp', 'iat', 'sub', 'jti', 'org'],
    }).then(({ payload }) => payload, refuse)
    // A list of audiences is no form of Countersign's: whom it is for would be anybody's guess.
    if (typeof claims.aud !== 'string') throw new VerifyError('audience_wrong')
    if (callerOf(claims).organization !== organization) throw new VerifyError('organization_wrong')
    return claims
  }
}

function headerOf(token: string) {
  try {
    return decodeProtectedHeader(token)
  } catch (cause) {
    throw new VerifyError('token_malformed', { cause })
  }
}

function keyOf(findKey: FindKey, kid: string | undefined, alg: string) {
  if (kid === undefined) throw new VerifyError('key_unknown')
  return findKey(kid, alg)
}

const byClaim: Record<string, VerifyErrorCode> = {
  iss: 'issuer_wrong',
  aud: 'audience_wrong',
  nbf: 'token_not_yet_valid',
  typ: 'type_wrong',
}

/** A message of the library may repeat what is in the token; ours never does. */
function refuse(error: unknown): never {
  if (error instanceof VerifyError) throw error
  if (error instanceof errors.JWTExpired) throw new VerifyError('token_expired')
  if (error instanceof errors.JWTClaimValidationFailed) throw new VerifyError(byClaim[error.claim] ?? 'token_malformed')
  if (error instanceof errors.JWSSignatureVerificationFailed) throw new VerifyError('signature_invalid')
  if (error instanceof errors.JOSEAlgNotAllowed) throw new VerifyError('algorithm_wrong')
  throw new VerifyError('token_malformed')
}
