import type { Kept, Page } from './kept.ts'
import type { Finding, TrustPolicy } from './policies.ts'

export type Method = 'api_key' | 'federated'
export type Access = 'read' | 'write'
export type ServiceAccount = Kept & {
  scope: 'organization' | 'team'
  team: string | null
  default_team: string | null
  method: Method
  access: Access
  admin: boolean
  token_ttl: number
  dpop_bound_access_tokens: boolean
  description: string | null
  enabled: boolean
  managed_by: string | null
  findings?: Finding[]
  last_used_at?: string | null
  keys?: { active: number; next_expiry: string | null; never_expire: number } | null
}
export type CreatedAccount = ServiceAccount & { api_key?: string; trust?: TrustPolicy }
export type ApiKey = Kept & {
  owner: { type: string; id: string }
  hint: string
  expires_at: string | null
  last_used_at: string | null
  replaced_by: string | null
}
export type CreatedKey = ApiKey & { secret: string }
export type HygieneKind =
  | 'never_used'
  | 'idle'
  | 'never_expires'
  | 'expires_soon'
  | 'weak_policy'
  | 'key_although_federated'
export type HygieneItem = {
  kind: HygieneKind
  severity: 'error' | 'warn' | 'info'
  message: string
  service_account: { id: string; name: string; team: string | null } | null
  user: { id: string; name: string } | null
  key: { id: string; name: string; hint: string } | null
  policy: { id: string; name: string } | null
  since: string | null
  findings?: Finding[]
}
export type Hygiene = Page<HygieneItem> & { counts: Partial<Record<HygieneKind, number>> }
