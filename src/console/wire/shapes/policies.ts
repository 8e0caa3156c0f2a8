import type { Kept, Scalar } from './kept.ts'

export type Finding = {
  severity: 'error' | 'warn' | 'info'
  rule: string
  message: string
  better?: Record<string, unknown>
}
export type Condition = { claim: string; op: 'equals' | 'in' | 'glob' | 'exists'; value: Scalar | Scalar[] }
export type PolicyFields = {
  subject: string
  match: 'exact' | 'glob'
  conditions: Condition[]
  cel: string | null
  state: 'live' | 'draft'
}
export type TrustPolicy = Kept &
  PolicyFields & {
    service_account: string
    issuer: string
    issuer_id: string
    managed_by: string | null
    findings?: Finding[]
  }
export type ReplayGroup = {
  subject: string
  service_account: string | null
  between?: string[]
  claims?: string[]
  count: number
  first_at: string
  last_at: string
  request_id: string
}
export type Replay = {
  judged_as: 'live' | 'draft' | 'deleted'
  days: number
  from: string
  to: string
  exchanges: number
  truncated: boolean
  sight: 'organization' | 'teams'
  counts: {
    gain: number
    lose: number
    ambiguous: number
    unknown: number
    unchanged: { granted: number; refused: number }
  }
  gain: ReplayGroup[]
  lose: ReplayGroup[]
  ambiguous: ReplayGroup[]
  unknown: ReplayGroup[]
  more: boolean
  notes: string[]
}
export type Suggestion = {
  policy: { issuer: string; subject: string; match: 'exact' | 'glob'; conditions: Condition[] }
  findings: Finding[]
  notes: string[]
  replay?: Replay
}
