import { useInfiniteQuery } from '@tanstack/react-query'
import { useCallback, useMemo } from 'react'
import { api } from './request.ts'
import type { Page } from './shapes.ts'

export type Query = Record<string, string | number | undefined>

/** Pages that are asked for anew by themselves, when they are looked at again. */
const fewPages = 3

/** A list of the admin API, page after page. What was shown stays while the next answer is on its way. */
export function useList<T>(
  path: string,
  query: Query = {},
  options: { limit?: number; refetchInterval?: number | false } = {},
) {
  const { limit = 100, refetchInterval = false } = options
  const result = useInfiniteQuery({
    queryKey: ['list', path, query, limit],
    queryFn: ({ pageParam, signal }) => api.get<Page<T>>(path, { ...query, limit, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    placeholderData: (before) => before,
    refetchInterval,
    // So many at once would be too many: a long list is asked for anew when something was changed here.
    staleTime: ({ state }) => ((state.data?.pages.length ?? 0) > fewPages ? Number.POSITIVE_INFINITY : 10_000),
  })
  const rows = useMemo(() => result.data?.pages.flatMap((page) => page.items) ?? [], [result.data])
  const { fetchNextPage, refetch } = result
  const loadMore = useCallback(() => void fetchNextPage(), [fetchNextPage])
  return {
    rows,
    error: result.error,
    isLoading: result.isPending,
    /** What is shown is of the question before. */
    isStale: result.isPlaceholderData,
    hasMore: result.hasNextPage,
    isLoadingMore: result.isFetchingNextPage,
    loadMore,
    retry: () => void refetch(),
  }
}
export type List<T> = ReturnType<typeof useList<T>>
