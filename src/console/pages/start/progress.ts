import { useObject } from '../../wire/objects.ts'
import type { AuditEvent, Issuer, Page, ServiceAccount, Team, TrustPolicy } from '../../wire/shapes.ts'

export type Progress = {
  isKnown: boolean
  team: Team | undefined
  issuer: Issuer | undefined
  practice: Issuer | undefined
  account: ServiceAccount | undefined
  policy: TrustPolicy | undefined
  granted: AuditEvent | undefined
  error: unknown
  retry: () => void
}

/** How far the organization has come on the way to its first exchange. Until then it looks again every two seconds. */
export function useProgress(org: string): Progress {
  const at = `/orgs/${org}`
  const teams = useObject<Page<Team>>(`${at}/teams`, { limit: 1 })
  const issuers = useObject<Page<Issuer>>(`${at}/issuers`, { limit: 200 })
  const accounts = useObject<Page<ServiceAccount>>(`${at}/service-accounts`, { method: 'federated', limit: 1 })
  const account = accounts.data?.items[0]
  const policies = useObject<Page<TrustPolicy>>(
    account && `${at}/teams/${account.team}/service-accounts/${account.id}/trust-policies`,
    { limit: 1 },
  )
  const granted = useObject<Page<AuditEvent>>(
    `${at}/audit-events`,
    { type: 'token.exchange', result: 'granted', limit: 1 },
    { every: ({ state }) => (state.data?.items.length ? false : 2000) },
  )
  const asked = [teams, issuers, accounts, granted]
  const all = issuers.data?.items ?? []
  return {
    isKnown: asked.every(({ data }) => data !== undefined) && (account === undefined || policies.data !== undefined),
    team: teams.data?.items[0],
    issuer: all[0],
    practice: all.find(({ issuer }) => issuer === 'https://practice.invalid'),
    account,
    policy: policies.data?.items[0],
    granted: granted.data?.items[0],
    error: asked.find(({ error }) => error)?.error,
    retry: () => void Promise.all(asked.map(({ refetch }) => refetch())),
  }
}
