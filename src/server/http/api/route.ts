/**
 * A route of the admin API, as data: what it asks, what it answers, who may call it. Express is bound to it in bind.ts,
 * and openapi.json is made from it, so that the three cannot disagree.
 */
import type { ZodObject, ZodType, z } from 'zod'
import type { Caller, Right } from '../../access/authority.ts'
import type {
  ApiKey,
  Organization,
  Project,
  ProjectRole,
  ResourceServer,
  ServiceAccount,
  Team,
  User,
} from '../../accounts/model.ts'
import type { IfMatch } from '../../admin/noun.ts'
import type { Context, Perform, Repeatable } from '../../admin/perform.ts'
import type { Principal } from '../../admin/projects.ts'
import type { Explain } from '../../exchange/explain-request.ts'
import type { Replay } from '../../exchange/replay/replay.ts'
import type { Suggest } from '../../exchange/replay/suggest.ts'
import type { Keys } from '../../issuers/keys.ts'
import type { Registration } from '../../issuers/model.ts'
import type { IssuerNetwork } from '../../issuers/network.ts'
import type { KeptFetch } from '../../issuers/store.ts'
import type { Storage } from '../../storage/storage.ts'
import type { Keyring } from '../../tokens/keyring.ts'
import type { TrustPolicy } from '../../trust/policy.ts'
import type { Presets } from '../../trust/preset-of.ts'

/** The rooms that routes speak to. */
export type Rooms = {
  reading: Storage['reading']
  perform: Perform
  explain: Explain
  keys: Keys
  /** What came of fetching the keys of an issuer, newest first. */
  fetchesOf(issuerId: string): Promise<readonly KeptFetch[]>
  network: IssuerNetwork
  presets: Presets
  keyring: Keyring
  /** Throws Refusal('rate_limited') when the organization has had its issuers fetched too often in this minute. */
  fetchAllowed(orgId: string): Promise<void>
  replay: Replay
  suggest: Suggest
  /** Of one apply of a file. */
  mostChanges: number
  publicUrl: () => string
  now: () => number
}

/** The objects that the path names, each found under the one before it. */
export type Place = {
  org: Organization
  team?: Team
  user?: User
  issuer?: Registration
  account?: ServiceAccount
  key?: ApiKey
  policy?: TrustPolicy
  server?: ResourceServer
  project?: Project
  /** The caller's own role in the project. */
  projectRole?: ProjectRole | undefined
  /** A user or service account, member of the project or not. */
  member?: Principal
}

export type Answer = {
  status?: number
  body?: Record<string, unknown>
  /** Instead of a body (RFC 9512). */
  yaml?: string
  etag?: string
  /** Path of what was made, below /api/v1. */
  location?: string
  /** Lines to stream instead of a body (application/x-ndjson). */
  lines?: AsyncIterable<unknown>
}

export type Request<Body, Query> = {
  body: Body
  query: Query
  params: Readonly<Record<string, string>>
  place: Place
  caller: Caller
  context: Context
  ifMatch?: IfMatch
  repeat?: Repeatable
  accept: string
}

export type Route<B extends ZodType = ZodType, Q extends ZodObject = ZodObject> = {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  /** Below /api/v1, in OpenAPI's form: `/orgs/{org}`. */
  path: string
  tag: string
  summary: string
  right: Right
  body?: B
  query?: Q
  /** What a success looks like; none: 204. */
  answer?: ZodType
  status?: number
  /** False for a POST that only looks: whoever only reads may make it. */
  changes?: false
  run(request: Request<z.output<B>, z.output<Q>>): Promise<Answer>
}

/** Keeps the types of body and query inside, and lets routes stand in one list. */
export function route<B extends ZodType = ZodType<undefined>, Q extends ZodObject = ZodObject>(
  definition: Route<B, Q>,
): Route {
  return definition as unknown as Route
}
