import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useList } from '../../wire/lists.ts'
import { useObject, useTagged } from '../../wire/objects.ts'
import type { Problem } from '../../wire/problem.ts'
import { api } from '../../wire/request.ts'
import type { Issuer, Page, Preset, ServiceAccount, Suggestion, TrustPolicy } from '../../wire/shapes.ts'
import { type AccountPlace, accountAt, policiesAt } from './addresses.ts'
import { type Draft, draftOf, emptyDraft, withMembers } from './draft.ts'
import type { Summary } from './read-summary.tsx'
import { useBegun } from './use-begun.ts'

/** All that the builder begins with. `id`: `new`, or of a policy; `from`: the request id of a refusal. */
export function usePolicyPage(place: AccountPlace, id: string, from: string | undefined) {
  const account = useObject<ServiceAccount>(accountAt(place))
  const issuers = useList<Issuer>(`/orgs/${place.org}/issuers`, {}, { limit: 200 })
  const sa = account.data ? `${account.data.team}/${account.data.name}` : undefined
  const presets = useObject<Page<Preset>>(sa && `/orgs/${place.org}/presets`, { service_account: sa, limit: 200 })
  const kept = useTagged<TrustPolicy>(id === 'new' ? undefined : `${policiesAt(place)}/${id}`)
  const isSuggested = id === 'new' && from !== undefined
  const suggestion = useQuery<Suggestion, Problem>({
    queryKey: ['suggestion', place, from],
    queryFn: () => api.post<Suggestion>(`${policiesAt(place)}/suggest`, { request_id: from }),
    enabled: isSuggested,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  })
  const { begun, ...work } = useBegun(kept.data)
  const policy = begun?.value.id === kept.data?.value.id ? begun?.value : undefined
  const summary = useMemo(
    () => (isSuggested ? summaryOf(from, suggestion) : undefined),
    [isSuggested, from, suggestion],
  )
  const waits = isSuggested ? suggestion.isPending : id !== 'new' && policy === undefined
  const asked = [account, presets, kept]
  return {
    account: account.data,
    issuers: issuers.isLoading ? undefined : issuers.rows,
    presets: presets.data?.items,
    policy,
    etag: begun?.etag,
    latest: kept.data?.value,
    work,
    summary,
    begin: waits ? undefined : beginOf(policy, suggestion.data),
    error: account.error ?? issuers.error ?? presets.error ?? kept.error,
    retry() {
      for (const one of asked) if (one.error) void one.refetch()
      if (issuers.error) issuers.retry()
    },
  }
}

function beginOf(policy: TrustPolicy | undefined, suggested: Suggestion | undefined): Draft {
  if (policy) return draftOf(policy)
  if (!suggested) return emptyDraft
  const { issuer, ...members } = suggested.policy
  return withMembers({ ...emptyDraft, issuer }, members)
}

function summaryOf(from: string, { data, error }: { data: Suggestion | undefined; error: Problem | null }): Summary {
  if (error) return { title: `No policy comes of the refusal ${from}`, notes: [error.message] }
  return {
    title: 'The narrowest policy that would have granted the refused exchange',
    notes: [`Made of ${from}, from the claims on record.`, ...(data?.notes ?? [])],
  }
}
