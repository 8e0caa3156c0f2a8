/**
 * Forward auth: whether a proxy may let a request through, by what its bearer shows and what the proxy demands.
 * Rules: the proxy is not known by a key, so what it demands is all that binds the answer to its API; a demand that cannot
 * be read is a no; a caller who is nobody is told from one who may not.
 */
import type { Caller } from '../access/authority.ts'
import { inScope } from '../access/evaluate.ts'
import type { Usage } from '../accounts/usage.ts'
import type { Origin } from '../audit/origin.ts'
import { Refusal } from '../errors/refusal.ts'
import { type Bearer, type BearerOf, idOf } from './bearer.ts'
import { type Decide, isAction } from './decide.ts'

/** `organization`: whose principals; `audience`: of its resource server, whose tokens pass beside the installation's. */
export type Demands = { organization?: string; audience?: string; action?: string; project?: string }
/** What the API behind the proxy is told. `project`: `team/project`, when one was demanded. */
export type Admitted = {
  subject: string
  organization: string
  team?: string
  scope: string
  principal: Exclude<Caller['type'], 'operator' | 'resource_server'>
  project?: string
}
/** Throws Refusal: unauthenticated, forbidden. */
export type Admit = (secret: string | undefined, demands: Demands, origin: Origin) => Promise<Admitted>

type Needs = { bearerOf: BearerOf; decide: Decide; used: Usage; publicUrl: () => string }

export function createAdmit({ bearerOf, decide, used, publicUrl }: Needs): Admit {
  const refuseElsewhere = ({ who, audience }: Bearer, demands: Demands): void => {
    if (demands.organization !== undefined && demands.organization !== who.org)
      throw new Refusal('forbidden', { says: 'the credential is of another organization than this API is for' })
    if (audience !== publicUrl() && audience !== demands.audience)
      throw new Refusal('unauthenticated', { says: 'the access token is meant for another API' })
  }
  const admit: Admit = async (secret, demands, origin) => {
    if (secret === undefined) throw new Refusal('unauthenticated')
    const bearer = await bearerOf(secret)
    if (!bearer)
      throw new Refusal('unauthenticated', {
        says: 'the access token or API key is unknown, expired, revoked, or of a disabled account',
      })
    const { who, scope, holder, claims } = bearer
    // What a proof is for is a URL that the proxy's caller sees and we do not.
    if (claims?.cnf)
      throw new Refusal('unauthenticated', {
        says: 'the access token is bound to a key (DPoP); whoever holds the key cannot be told by forward auth',
      })
    // Its owner wants to hear of a key that is tried at the wrong door too.
    const recorded = holder && used(holder, origin)
    if (recorded) {
      await recorded
      // What was read before that wait may have changed.
      return admit(secret, demands, origin)
    }
    refuseElsewhere(bearer, demands)
    // Two organizations may have an audience of one name, so by itself it says nothing.
    if (demands.audience !== undefined && demands.organization === undefined)
      throw new Refusal('forbidden', { says: 'the proxy demands an audience: let it demand the organization too' })
    const { action = 'read', project } = demands
    if (!isAction(action))
      throw new Refusal('forbidden', { says: 'the proxy asks for an action that is not known here' })
    if (demands.action !== undefined && !inScope(scope, action))
      throw new Refusal('forbidden', { says: `the scope of the credential does not include to ${action}` })
    const judged = project === undefined ? undefined : await decide(who, action, project, scope)
    if (judged && !judged.decision)
      throw new Refusal('forbidden', { says: `no ${action} access to the project: ${judged.reason}` })
    return {
      subject: idOf(who),
      organization: who.org,
      ...(who.type === 'service_account' ? { team: who.team } : {}),
      scope,
      principal: who.type,
      ...(judged?.project === undefined ? {} : { project: judged.project }),
    }
  }
  return admit
}
