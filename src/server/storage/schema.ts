/**
 * The tables. A noun's table has its members in snake_case: booleans as 0 and 1, lists and objects as JSON text. What is
 * added to that serves look-ups and cascades only, and is derived from the members (nouns.ts).
 */
import type {
  ApiKey,
  Organization,
  Project,
  ProjectMember,
  ResourceServer,
  ServiceAccount,
  Team,
  TeamMember,
  User,
} from '../accounts/model.ts'
import type { Session } from '../admin/session.ts'
import type { KeptAnswer, PendingLogin } from '../admin/store.ts'
import type { Entry, Waiting } from '../audit/store.ts'
import type { Registration } from '../issuers/model.ts'
import type { KeptFetch } from '../issuers/store.ts'
import type { SigningKeyRow } from '../tokens/store.ts'
import type { TrustPolicy } from '../trust/policy.ts'

export type Snake<S extends string> = S extends `${infer First}${infer Rest}`
  ? `${First extends Lowercase<First> ? First : `_${Lowercase<First>}`}${Snake<Rest>}`
  : ''

type Column<V> = V extends boolean ? number : V extends string | number | null ? V : string
export type Table<T> = { [Member in keyof T as Snake<Member & string>]: Column<T[Member]> }

export type Tables = {
  organizations: Table<Organization>
  users: Table<User> & { email_lower: string }
  teams: Table<Team>
  team_members: Table<TeamMember>
  projects: Table<Project>
  /** One of the two further columns is `principal_id`, so that the membership goes when the principal does. */
  project_members: Table<ProjectMember> & { user_id: string | null; service_account_id: string | null }
  resource_servers: Table<ResourceServer>
  issuers: Table<Registration>
  issuer_audiences: { issuer_url: string; audience: string; issuer_id: string }
  issuer_fetches: Table<KeptFetch>
  /** `parent_id`: the team, or the organization when it has none. */
  service_accounts: Table<ServiceAccount> & { parent_id: string }
  /** One of the three further columns is `owner_id`. */
  api_keys: Table<ApiKey> & {
    user_id: string | null
    service_account_id: string | null
    resource_server_id: string | null
  }
  trust_policies: Table<TrustPolicy>
  signing_keys: Table<SigningKeyRow>
  revocations: { id: string; dead_before: number; expires_at: number }
  change_heads: { org_id: string; n: number; at: number }
  replay_claims: { digest: string; first_at: number; expires_at: number; try_id: string | null }
  idempotency_keys: Table<KeptAnswer>
  pending_logins: Table<PendingLogin>
  sessions: Table<Session>
  installation_values: { name: string; value: string }
  audit_events: Table<Entry>
  audit_lanes: { lane: string; seq: number; hash: string; sealed_seq: number; sealed_hash: string; at: number }
  audit_journal: Table<Waiting>
  audit_heads: { org_id: string; seq: number; hash: string }
  audit_floors: { org_id: string; seq: number; hash: string; at: number; events: number }
}
