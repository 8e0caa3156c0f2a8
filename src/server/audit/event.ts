/** An event of the trail, as the contract gives it ("An audit event"). */
import type { JsonObject } from '../../protocol/json.ts'

export type AuditResult = 'granted' | 'refused' | 'done'
export type Actor = {
  type: 'service_account' | 'user' | 'operator' | 'workload' | 'system'
  id?: string
  name?: string
}
export type Target = { type: string; id?: string; name?: string }
export type Client = { ip: string; user_agent: string }

/** What somebody wants recorded. `orgId` and `org`: whose trail; both absent for the installation's own. */
export type Deed = {
  at: number
  type: string
  result: AuditResult
  reason?: string
  request_id: string
  orgId?: string
  org?: string
  team?: string
  /** The id of the team it concerns, so that this team's admins may read it. */
  teamId?: string
  actor: Actor
  target?: Target
  client: Client
  detail: JsonObject
}

/** What is kept and shown. `hash`: hex SHA-256 of the RFC 8785 form without `hash`; `prev`: the hash before it. */
export type AuditEvent = {
  id: string
  at: string
  type: string
  result: AuditResult
  reason?: string
  request_id: string
  org: string
  team?: string
  actor: Actor
  target?: Target
  client: Client
  detail: JsonObject
  prev: string
  hash: string
}

/** The name that the installation's own trail bears in `org`. No organization can: it is no slug. */
export const installation = '*'
