import { useInfiniteQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { api } from './request.ts'
import type { Page } from './shapes.ts'

export type Query = Record<string, string | number | undefined>

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
  })
  const rows = useMemo(() => result.data?.pages.flatMap((page) => page.items) ?? [], [result.data])
  return {
    rows,
    error: result.error,
    isLoading: result.isPending,
    /** What is shown is of the question before. */
    isStale: result.isPlaceholderData,
    hasMore: result.hasNextPage,
    isLoadingMore: result.isFetchingNextPage,
    loadMore: () => void result.fetchNextPage(),
    retry: () => void result.refetch(),
  }
}
export type List<T> = ReturnType<typeof useList<T>>
