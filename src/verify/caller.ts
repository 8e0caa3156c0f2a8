/** Who is calling, as the API gets to see them. */
import { VerifyError } from './verify-error.ts'

export type Caller = {
  /** `sa_…` or `user_…`: stable, whatever they are called. */
  id: string
  type: 'service_account' | 'user'
  name: string
  organization: string
  /** The parent or default team of a service account; people have none. */
  team?: string
  scope: readonly string[]
  method: 'federated' | 'api_key'
  /** Whom the token is for: this API, or the installation. */
  audience: string
  /** Seconds since 1970; an API key may have no end. */
  expiresAt?: number
  /** The thumbprint of the key that its token is bound to, whose possession was proven. */
  jkt?: string
  /** Whom the platform's own token named, when one was exchanged. */
  idp?: { iss: string; sub: string }
}

/** Claims of an access token, or the answer of introspection: they bear the same names (RFC 9068 §2.2, RFC 7662 §2.2). */
export type Claims = Readonly<Record<string, unknown>>

/** Throws VerifyError('token_malformed') for what is none of Countersign's. */
export function callerOf(claims: Claims): Caller {
  const { sub, principal, name, org, team, scope, method, aud, exp, idp } = claims
  const isWhole =
    isText(sub) &&
    (principal === 'service_account' || principal === 'user') &&
    isText(name) &&
    isText(org) &&
    typeof scope === 'string' &&
    (method === 'federated' || method === 'api_key') &&
    isText(aud)
  if (!isWhole) throw new VerifyError('token_malformed')
  return {
    id: sub,
    type: principal,
    name,
    organization: org,
    ...(isText(team) ? { team } : {}),
    scope: scope.split(' ').filter(Boolean),
    method,
    audience: aud,
    ...(typeof exp === 'number' ? { expiresAt: exp } : {}),
    ...(isIdentity(idp) ? { idp } : {}),
    ...(jktOf(claims) === undefined ? {} : { jkt: jktOf(claims) as string }),
  }
}

/** The key that a token is bound to (RFC 9449 §6). Throws VerifyError for a way of binding that is not known here. */
export function jktOf({ cnf }: Claims): string | undefined {
  if (cnf === undefined) return undefined
  const { jkt } = (cnf ?? {}) as { jkt?: unknown }
  if (!isText(jkt)) throw new VerifyError('token_malformed')
  return jkt
}

/** `projects:write` includes `projects:read`. */
export function hasScope({ scope }: Pick<Caller, 'scope'>, wanted: string): boolean {
  return scope.includes(wanted) || (wanted === 'projects:read' && scope.includes('projects:write'))
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''
function isIdentity(value: unknown): value is { iss: string; sub: string } {
  if (typeof value !== 'object' || value === null) return false
  const { iss, sub } = value as Record<string, unknown>
  return isText(iss) && isText(sub)
}
