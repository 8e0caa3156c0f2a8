import type { Kept } from './kept.ts'

export type Role = 'admin' | 'member' | 'viewer'
export type Organization = Kept & { display_name: string | null }
export type User = Kept & {
  username: string
  email: string
  role: Role
  /** Of one user alone. */
  teams?: { id: string; name: string; role: Role }[]
}
export type Team = Kept & { display_name: string | null; managed_by: string | null }
export type TeamMember = Kept & { user: { id: string; username: string; email: string }; role: Role }
export type Visibility = 'team' | 'restricted' | 'open' | 'public'
export type ProjectRole = 'admin' | 'editor' | 'viewer'
export type Project = Kept & { team: string; visibility: Visibility; deleted_at?: string; managed_by: string | null }
export type ProjectMember = Kept & {
  principal: { type: 'user' | 'service_account'; id: string; name: string; email?: string }
  role: ProjectRole
}
export type ResourceServer = Kept & { audience: string; managed_by: string | null }
export type CreatedServer = ResourceServer & { api_key: string }
export type SigningKey = {
  kid: string
  alg: string
  state: 'next' | 'current' | 'retired' | 'withdrawn'
  published_at: string
  activates_at: string | null
  withdrawn_at: string | null
}
export type Installation = {
  restored: null | {
    backup_at: string
    restored_at: string
    unknown: { from: string; to: string }
    revoked_before: string | null
    message: string
  }
}
