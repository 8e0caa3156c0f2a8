import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useMemo } from 'react'
import type { List, Query } from './lists.ts'
import { api } from './request.ts'
import type { Page } from './shapes.ts'

type Options = { limit?: number; every?: number; isLive?: boolean }
type Pages<T> = { pages: Page<T>[]; pageParams: (string | undefined)[] }

/**
 * A list whose newest stand first, and that grows at its top. What is new is asked for every few seconds while the page is
 * in sight, and is kept apart until `show` puts it on top: what is being read does not move by itself.
 * `every` in ms. `isLive` false: nothing is asked for.
 */
export function useLiveList<T extends { id: string }>(path: string, query: Query = {}, options: Options = {}) {
  const { limit = 100, every = 3_000, isLive = true } = options
  const client = useQueryClient()
  const key = useMemo(() => ['live', path, query, limit], [path, query, limit])
  const read = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => api.get<Page<T>>(path, { ...query, limit, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  })
  const head = useQuery({
    queryKey: ['live-head', path, query, limit],
    queryFn: ({ signal }) => api.get<Page<T>>(path, { ...query, limit }, signal),
    enabled: isLive && read.isSuccess && !read.isPlaceholderData,
    refetchInterval: isLive ? every : false,
    refetchIntervalInBackground: false,
    gcTime: 0,
  })
  const rows = useMemo(() => read.data?.pages.flatMap((page) => page.items) ?? [], [read.data])
  const isNewer = head.data !== undefined && head.dataUpdatedAt > read.dataUpdatedAt && !read.isPlaceholderData
  const fresh = useMemo(() => (isNewer && head.data ? freshIn(head.data, rows) : []), [isNewer, head.data, rows])

  const show = useCallback(() => {
    const answer = head.data
    if (!answer) return
    client.setQueryData<Pages<T>>(key, (before) => {
      const [first, ...rest] = before?.pages ?? []
      // So many came that some are not in it: what follows them is fetched anew.
      if (!before || !first || fresh.length === answer.items.length) return { pages: [answer], pageParams: [undefined] }
      return { ...before, pages: [{ ...first, items: [...fresh, ...first.items] }, ...rest] }
    })
  }, [client, key, head.data, fresh])

  const list: List<T> = {
    rows,
    error: read.error,
    isLoading: read.isPending,
    isStale: read.isPlaceholderData,
    hasMore: read.hasNextPage,
    isLoadingMore: read.isFetchingNextPage,
    loadMore: () => void read.fetchNextPage(),
    retry: () => void read.refetch(),
  }
  /** `isMore`: there are more new ones than `count`. `error`: why nothing new can be had at the moment. */
  const isMore = fresh.length > 0 && fresh.length === head.data?.items.length && head.data.next_cursor !== null
  return { list, count: fresh.length, isMore, show, error: isLive ? head.error : null }
}

/** Those before the first that is known. */
function freshIn<T extends { id: string }>({ items }: Page<T>, rows: readonly T[]): T[] {
  const [known] = rows
  const at = known ? items.findIndex(({ id }) => id === known.id) : items.length
  return at === -1 ? items : items.slice(0, at)
}
