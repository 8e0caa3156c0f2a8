import type { JsonObject } from '../../protocol/json.ts'
import type { Deed, Target } from '../audit/event.ts'
import type { Context, Where } from './perform.ts'

/** What goes on record of it. `at`: ms. */
export function deedOf(
  { actor, requestId, client }: Context,
  at: number,
  type: string,
  { org, team }: Where,
  target: Target,
  detail: JsonObject = {},
): Deed {
  return {
    at,
    type,
    result: 'done',
    request_id: requestId,
    ...(org ? { orgId: org.id, org: org.name } : {}),
    ...(team ? { team: team.name, teamId: team.id } : {}),
    actor,
    target,
    client,
    detail,
  }
}
