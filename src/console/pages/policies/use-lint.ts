import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { Problem } from '../../wire/problem.ts'
import { api } from '../../wire/request.ts'
import type { Finding } from '../../wire/shapes.ts'
import { type Draft, membersOf } from './draft.ts'

/** What lint says of the draft, when typing pauses. `account`: team/name; `policy`: what it would take the place of. */
export function useLint(org: string, draft: Draft, account: string, policy: string | undefined) {
  const isWorth = draft.issuer !== '' && draft.subject !== ''
  const body = JSON.stringify({ issuer: draft.issuer, ...membersOf(draft), service_account: account, policy })
  const [asked] = useDebouncedValue(body, 400)
  const result = useQuery<{ findings: Finding[] }, Problem>({
    queryKey: ['lint', org, asked],
    queryFn: () => api.post(`/orgs/${org}/lint`, JSON.parse(asked)),
    enabled: isWorth && asked === body,
    placeholderData: keepPreviousData,
    retry: false,
    refetchOnWindowFocus: false,
    staleTime: 60_000,
  })
  const isSettled = isWorth && asked === body && !result.isPlaceholderData && !result.isPending
  return {
    findings: isWorth ? (result.data?.findings ?? []) : [],
    error: isWorth ? result.error : null,
    retry: () => void result.refetch(),
    /** What is shown is of what stands there now. */
    isSettled,
    /** Nothing has been said yet of what stands there. */
    isOpening: isWorth && result.data === undefined && result.errorUpdateCount === 0,
  }
}
