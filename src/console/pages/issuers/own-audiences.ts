import { useQuery } from '@tanstack/react-query'
import { useObject } from '../../wire/objects.ts'
import { request } from '../../wire/request.ts'
import type { Organization } from '../../wire/shapes.ts'

/** The organization's name, and the audiences that an issuer has by itself: the name and its URL. */
export function useOwnAudiences(org: string): { organization: string; audiences: string[] } {
  const { data } = useObject<Organization>(`/orgs/${org}`)
  const name = data?.name
  const { data: found } = useQuery({
    queryKey: ['own audience', name],
    queryFn: ({ signal }) => request<{ audience: string }>('GET', `/orgs/${name}/.well-known/countersign`, { signal }),
    enabled: name !== undefined,
  })
  return { organization: name ?? org, audiences: name && found ? [name, found.audience] : [] }
}
