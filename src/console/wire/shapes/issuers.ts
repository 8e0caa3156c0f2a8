import type { Kept, Scalar } from './kept.ts'
import type { Condition, Finding } from './policies.ts'

export type IssuerKey = { kid: string | null; kty: string; alg: string }
export type IssuerHealth = {
  state: 'unknown' | 'ok' | 'stale' | 'failing'
  last_success?: string
  last_attempt?: string
  message?: string
  keys: IssuerKey[]
}
export type Issuer = Kept & {
  issuer: string
  audiences: string[]
  clock_tolerance: number
  max_token_age: number
  algorithms: string[]
  single_use: boolean
  single_use_grace: number
  bound_lifetime: boolean
  extra_audiences: boolean
  users: boolean
  user_claim: 'sub' | 'email'
  enabled: boolean
  jwks_uri: string | null
  jwks: { keys: Record<string, unknown>[] } | null
  preset: string | null
  managed_by: string | null
  health: IssuerHealth
  findings?: Finding[]
}
export type CheckStep = {
  step: 'discovery' | 'issuer' | 'jwks' | 'keys'
  ok: boolean
  message: string
  milliseconds: number
}
export type IssuerCheck = { ok: boolean; steps: CheckStep[]; keys: Record<string, unknown>[] }
export type Discovered = IssuerCheck & { preset: string | null; algorithms: string[] }
export type HealthMoment = {
  at: string
  ok: boolean
  message: string | null
  milliseconds: number
  keys: number
  rotated: boolean
}
export type HealthHistory = IssuerHealth & { history: HealthMoment[]; last_rotation: string | null }
export type Dependants = {
  policies: number
  accounts: number
  items: {
    id: string
    name: string
    team: string | null
    enabled: boolean
    policies: number
    last_used_at: string | null
  }[]
  exchanges: { granted: number; refused: number; since: string }
}
export type ClaimControl = string
export type PresetClaim = {
  claim: string
  control: ClaimControl
  kind: 'string' | 'number' | 'boolean' | 'list'
  pins?: 'tenant' | 'resource'
  is: string
  example: Scalar | string[]
  ask?: string
}
export type Preset = {
  name: string
  title: string
  issuers: { url: string; is: string; shared: boolean; recognized: boolean }[]
  audience: { advice: string; defaults: string[] }
  claims: PresetClaim[]
  required_pins: string[][]
  subject: { immutable: boolean; forms: { form: string; is: string; pins: string[] }[] }
  max_token_age: number
  recommended: {
    subject: string
    match: 'exact' | 'glob'
    conditions: Condition[]
    when_present: Condition[]
    why: string
  }
  snippets: { title: string; language: string; text: string }[]
}
