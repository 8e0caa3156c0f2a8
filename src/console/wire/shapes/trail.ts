import type { Hint, Named } from './kept.ts'

export type ExplainStep = {
  step: string
  outcome: 'ok' | 'failed' | 'skipped'
  reason?: string
  message: string
  expected?: unknown
  received?: unknown
  hints: Hint[]
}
export type ExplainCondition = {
  claim: string
  op: string
  expected: unknown
  received: unknown
  holds: boolean
  hints: Hint[]
}
export type Candidate = {
  service_account: string
  team: string
  policy: string | null
  name: string | null
  state: string
  outcome: string
  conditions: ExplainCondition[]
  hints: Hint[]
}
export type Explained = {
  outcome: 'granted' | 'refused'
  reason?: string
  steps: ExplainStep[]
  candidates: Candidate[]
  grant?: { service_account?: string; user?: string; scope: string; expires_in: number }
}
export type AuditEvent = {
  id: string
  at: string
  type: string
  result: 'granted' | 'refused' | 'done'
  reason?: string
  request_id: string
  org: string
  team?: string
  actor: Named
  target?: Named
  client: { ip: string; user_agent: string }
  detail: Record<string, unknown>
  prev: string
  hash: string
}
export type ExchangeStats = {
  from: string
  to: string
  bucket_seconds: number
  complete: boolean
  granted: number
  refused: number
  buckets: { at: string; granted: number; refused: number }[]
  reasons: { reason: string; count: number }[]
  issuers: { issuer: string; granted: number; refused: number }[]
  accounts: { id: string; name: string; team: string | null; granted: number; refused: number }[]
}
