import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useMemo, useRef } from 'react'
import type { List, Query } from './lists.ts'
import { api } from './request.ts'
import type { Page } from './shapes.ts'

type Options<T> = { limit?: number; every?: number; isLive?: boolean; since?: (newest: T) => Query }
type Pages<T> = { pages: Page<T>[]; pageParams: (string | undefined)[] }

/**
 * A list whose newest stand first, and that grows at its top. What is new is asked for every few seconds while the page is
 * in sight, and is kept apart until `show` puts it on top: what is being read does not move by itself.
 * `every` in ms, longer where an answer takes long. `isLive` false: nothing is asked for. `since`: what leaves out most of
 * what is older than the newest that is known, and not that one itself; without it a rare thing is sought in all there is.
 */
export function useLiveList<T extends { id: string }>(path: string, query: Query = {}, options: Options<T> = {}) {
  const { limit = 100, every = 3_000, isLive = true, since } = options
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
  const rows = useMemo(() => read.data?.pages.flatMap((page) => page.items) ?? [], [read.data])
  const took = useRef(0)
  const [newest] = rows
  const asked = newest && since ? { ...query, ...since(newest) } : query
  const head = useQuery({
    queryKey: ['live-head', path, asked, limit],
    async queryFn({ signal }) {
      const begun = performance.now()
      const answer = await api.get<Page<T>>(path, { ...asked, limit }, signal)
      took.current = performance.now() - begun
      return answer
    },
    enabled: isLive && read.isSuccess && !read.isPlaceholderData,
    refetchInterval: isLive ? () => Math.max(every, took.current * 10) : false,
    refetchIntervalInBackground: false,
    gcTime: 0,
  })
  const isNewer = head.data !== undefined && head.dataUpdatedAt > read.dataUpdatedAt && !read.isPlaceholderData
  const fresh = useMemo(() => (isNewer && head.data ? freshIn(head.data, rows) : []), [isNewer, head.data, rows])

  /** There are more new ones than the answer holds. */
  const isMore = fresh.length > 0 && fresh.length === head.data?.items.length && head.data.next_cursor !== null
  const show = useCallback(() => {
    const answer = head.data
    if (!answer) return
    client.setQueryData<Pages<T>>(key, (before) => {
      const [first, ...rest] = before?.pages ?? []
      // What stands between them and those that are known is fetched when it is scrolled to.
      if (!before || !first || isMore || first.items.length === 0) return { pages: [answer], pageParams: [undefined] }
      return { ...before, pages: [{ ...first, items: [...fresh, ...first.items] }, ...rest] }
    })
  }, [client, key, head.data, fresh, isMore])

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
  return { list, count: fresh.length, isMore, show, error: isLive ? head.error : null }
}

/** Those before the first that is known. */
function freshIn<T extends { id: string }>({ items }: Page<T>, rows: readonly T[]): T[] {
  const [known] = rows
  const at = known ? items.findIndex(({ id }) => id === known.id) : items.length
  return at === -1 ? items : items.slice(0, at)
}
