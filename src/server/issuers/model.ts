import type { SubjectAlgorithm } from '../../protocol/oauth.ts'
import type { Kept, Managed } from '../accounts/model.ts'

/** A public key as its issuer publishes it (RFC 7517 §4). */
export type Jwk = { readonly kty: string; readonly [member: string]: unknown }
export type JwkSet = { readonly keys: readonly Jwk[] }

/** What a registration can bear, in characters; whoever names something longer need not be looked for. */
export const longestIssuer = 2048
export const longestAudience = 512

/**
 * An issuer that an organization trusts. The pair (issuer URL, audience) belongs to one registration of the installation.
 * Its keys: `jwks` when uploaded, else from `jwksUri`, else by discovery. Durations are seconds.
 */
export type Registration = Kept &
  Managed & {
    orgId: string
    issuer: string
    audiences: readonly string[]
    jwksUri: string | null
    jwks: JwkSet | null
    algorithms: readonly SubjectAlgorithm[]
    clockTolerance: number
    maxTokenAge: number
    singleUse: boolean
    singleUseGrace: number
    boundLifetime: boolean
    extraAudiences: boolean
    users: boolean
    userClaim: 'sub' | 'email'
    enabled: boolean
    preset: string | null
  }
