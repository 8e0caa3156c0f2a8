/** An issuer's members as they are sent, in the names of its row. */
import type { z } from 'zod'
import type { NewIssuer } from '../../admin/issuers.ts'
import type { JwkSet } from '../../issuers/model.ts'
import type * as schemas from './schemas.ts'

type NewBody = z.output<typeof schemas.newIssuer>
type PatchBody = Omit<z.output<typeof schemas.issuerPatch>, 'audiences' | 'max_token_age' | 'preset'> & {
  audiences?: readonly string[] | undefined
  max_token_age?: number | undefined
  preset?: string | null | undefined
}

/** The wire's names to the row's. What is absent stays undefined, and a new source of keys replaces the other. */
export function rowOf(body: PatchBody) {
  return {
    name: body.name,
    audiences: body.audiences,
    jwksUri: body.jwks ? null : body.jwks_uri,
    jwks: (body.jwks_uri ? null : body.jwks) as JwkSet | null | undefined,
    algorithms: body.algorithms,
    clockTolerance: body.clock_tolerance,
    maxTokenAge: body.max_token_age,
    singleUse: body.single_use,
    singleUseGrace: body.single_use_grace,
    boundLifetime: body.bound_lifetime,
    extraAudiences: body.extra_audiences,
    users: body.users,
    userClaim: body.user_claim,
    enabled: body.enabled,
    preset: body.preset,
  }
}

/** The schema has put a default wherever something was absent. */
export function newRowOf(body: NewBody): NewIssuer {
  const row = rowOf(body as PatchBody)
  const { jwksUri = null, jwks = null, preset = null } = row
  return { ...(row as unknown as NewIssuer), issuer: body.issuer, name: body.name, jwksUri, jwks, preset }
}
