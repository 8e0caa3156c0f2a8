import { useQuery } from '@tanstack/react-query'
import type { Problem } from './problem.ts'
import { api } from './request.ts'

/** One object or document of the admin API; `path` undefined: not yet. */
export function useObject<T>(
  path: string | undefined,
  query: Record<string, string | number | undefined> = {},
  refetchInterval: number | false = false,
) {
  return useQuery<T, Problem>({
    queryKey: ['object', path, query],
    queryFn: ({ signal }) => api.get<T>(path ?? '', query, signal),
    enabled: path !== undefined,
    refetchInterval,
  })
}
