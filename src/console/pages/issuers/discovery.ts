import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import type { Problem } from '../../wire/problem.ts'
import { api } from '../../wire/request.ts'
import type { Discovered } from '../../wire/shapes.ts'
import { type IssuerDraft, keysOf } from './issuer-draft.ts'
import { isWholeUrl } from './url-forms.ts'

/** What would be asked about this draft; undefined while it is not worth asking. */
function askOf(draft: IssuerDraft) {
  const issuer = draft.issuer.trim()
  if (!isWholeUrl(issuer)) return undefined
  const keys = keysOf(draft)
  if (draft.source === 'upload') return keys.jwks ? { issuer, ...keys } : undefined
  if (draft.source === 'jwks_uri') return isWholeUrl(String(keys.jwks_uri ?? '')) ? { issuer, ...keys } : undefined
  return { issuer }
}

/** The keys of what is being typed, fetched by the service whenever typing pauses. Nothing is registered by it. */
export function useDiscovery(org: string, draft: IssuerDraft) {
  const now = JSON.stringify(askOf(draft) ?? null)
  const [settled] = useDebouncedValue(now, 500)
  const ask = JSON.parse(settled) as object | null
  const query = useQuery<Discovered, Problem>({
    queryKey: ['discovery', org, settled],
    queryFn: () => api.post<Discovered>(`/orgs/${org}/discover`, ask),
    enabled: ask !== null,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
    retry: false,
    refetchOnWindowFocus: false,
  })
  const isCurrent = settled === now && ask !== null
  return {
    found: isCurrent ? query.data : undefined,
    problem: isCurrent && !query.isFetching ? query.error : null,
    isAsking: now !== 'null' && (!isCurrent || query.isFetching),
    again: () => void query.refetch(),
  }
}
export type Discovery = ReturnType<typeof useDiscovery>
