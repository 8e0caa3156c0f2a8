import type { Role } from './people.ts'

export type Me = {
  type: 'operator' | 'user' | 'service_account' | 'resource_server'
  id?: string
  name?: string
  org?: string
  role?: Role
  admin?: boolean
  /** Of a service account: its team's name, null where it is the organization's. */
  team?: string | null
  access?: 'read' | 'write'
  teams?: { team: string; role: Role }[]
}
export type SignedInBy = 'api_key' | 'operator_key' | 'sso' | 'set_up_link'
export type SessionRow = {
  id: string
  signed_in_by: SignedInBy
  created_at: string
  last_seen_at: string
  expires_at: string
  idle_expires_at: string
  client: { ip: string; user_agent: string }
  current?: boolean
}
export type Session = SessionRow & {
  csrf_token: string
  me: Me | null
  organizations: { id: string; name: string; display_name: string | null }[]
}
export type SignInMethods = { sso: { name: string } | null; set_up: boolean }
export type SessionAnswer = { session: Session | null; methods: SignInMethods }
