import { type Query, useQuery } from '@tanstack/react-query'
import type { Problem } from './problem.ts'
import { api, type Tagged } from './request.ts'

type Interval<T> = number | false | ((query: Query<T, Problem>) => number | false)
type Options<T> = { every?: Interval<T>; isKept?: boolean }

/**
 * One object or document of the admin API; `path` undefined: not yet. `every`: ms until it is asked for again.
 * `isKept`: when it is asked for by another query, the answer before stands in its place (`isPlaceholderData`) until it is there.
 */
export function useObject<T>(
  path: string | undefined,
  query: Record<string, string | number | undefined> = {},
  { every = false, isKept = false }: Options<T> = {},
) {
  return useQuery<T, Problem>({
    queryKey: ['object', path, query],
    queryFn: ({ signal }) => api.get<T>(path ?? '', query, signal),
    enabled: path !== undefined,
    refetchInterval: every,
    ...(isKept ? { placeholderData: (before, query) => (query?.queryKey[1] === path ? before : undefined) } : {}),
  })
}

/** The same with its ETag, for a form that changes it: `api.patch(path, body, query, etag)`. */
export function useTagged<T>(path: string | undefined) {
  return useQuery<Tagged<T>, Problem>({
    queryKey: ['tagged', path],
    queryFn: ({ signal }) => api.tagged<T>(path ?? '', signal),
    enabled: path !== undefined,
  })
}
