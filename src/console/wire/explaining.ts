import { useQuery } from '@tanstack/react-query'
import type { Problem } from './problem.ts'
import { api } from './request.ts'
import type { Explained } from './shapes.ts'

/** Why an exchange that is on record was granted or refused; asked once, and again when something is changed here. */
export function useExplained(org: string, requestId: string | undefined) {
  return useQuery<Explained, Problem>({
    queryKey: ['object', 'explain', org, requestId],
    queryFn: () => api.post<Explained>(`/orgs/${org}/explain`, { request_id: requestId }),
    enabled: requestId !== undefined,
    staleTime: 60_000,
    refetchOnWindowFocus: false,
  })
}

/** What would become of a token. It is no query and no mutation: those are remembered, and a token must not be. */
export const explainToken = (org: string, assertion: string, serviceAccount: string) =>
  api.post<Explained>(`/orgs/${org}/explain`, {
    assertion,
    ...(serviceAccount === '' ? {} : { service_account: serviceAccount }),
  })
