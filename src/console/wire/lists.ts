import { infiniteQueryOptions, type QueryClient, useInfiniteQuery } from '@tanstack/react-query'
import { useCallback, useMemo } from 'react'
import { api } from './request.ts'
import type { Page } from './shapes.ts'

export type Query = Record<string, string | number | undefined>

/** Pages that are asked for anew by themselves, when they are looked at again. */
const fewPages = 3

const listQuery = <T>(path: string, query: Query, limit = 100) =>
  infiniteQueryOptions({
    queryKey: ['list', path, query, limit],
    queryFn: ({ pageParam, signal }) => api.get<Page<T>>(path, { ...query, limit, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    // So many at once would be too many: a long list is asked for anew when something was changed here.
    staleTime: ({ state }) => ((state.data?.pages.length ?? 0) > fewPages ? Number.POSITIVE_INFINITY : 10_000),
  })

/** Before what shows it is there: `path` and `query` are those that it will ask for. */
export const askForList = (client: QueryClient, path: string, query: Query): void =>
  void client.prefetchInfiniteQuery(listQuery(path, query))

/** A list of the admin API, page after page. What was shown stays while the next answer is on its way. */
export function useList<T>(
  path: string,
  query: Query = {},
  options: { limit?: number; refetchInterval?: number | false } = {},
) {
  const { limit, refetchInterval = false } = options
  const result = useInfiniteQuery({
    ...listQuery<T>(path, query, limit),
    placeholderData: (before) => before,
    refetchInterval,
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
