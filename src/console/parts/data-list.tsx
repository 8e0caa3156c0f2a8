import { Button, Group, Skeleton } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { memo, type ReactNode, useEffect, useLayoutEffect, useState } from 'react'
import type { List } from '../wire/lists.ts'
import { ProblemAlert } from './problem-alert.tsx'

export type Column<T> = {
  title: string
  cell: (row: T) => ReactNode
  /** As CSS has it; the rest is shared. */
  width?: string
  align?: 'right'
  /** The first column that says what the row is. */
  isMain?: boolean
}

type Props<T> = {
  /** What is listed, for those who do not see it. */
  label: string
  list: List<T>
  columns: readonly Column<T>[]
  rowKey: (row: T) => string
  /** Shown when there is nothing. */
  empty: ReactNode
  /** Shown when nothing fits what was asked for; needed where `isFiltered` may be. */
  noResults?: ReactNode
  isFiltered?: boolean
}

/** px, as theme.css has them; what a row really takes is measured once it is there. */
const wide = { rowHeight: 52, gap: 0, overscan: 6 }
const narrow = { fieldHeight: 29, gap: 8, overscan: 4 }

/** A list of any length: only what is in sight is in the page, and the next page is fetched before its end is reached. */
export function DataList<T>({ label, list, columns, rowKey, empty, noResults, isFiltered = false }: Props<T>) {
  const { rows, hasMore, isLoadingMore, loadMore } = list
  const [table, setTable] = useState<HTMLTableElement | null>(null)
  const isNarrow = useMediaQuery('(max-width: 48em)', undefined, { getInitialValueInEffect: false })
  const height = isNarrow ? columns.length * narrow.fieldHeight + 10 : wide.rowHeight
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => height,
    gap: (isNarrow ? narrow : wide).gap,
    overscan: (isNarrow ? narrow : wide).overscan,
    scrollMargin: useTop(table),
    getItemKey: (index) => rowKey(rows[index] as T),
  })
  const shown = virtual.getVirtualItems()
  const last = shown.at(-1)?.index ?? -1
  useEffect(() => {
    if (hasMore && !isLoadingMore && last >= rows.length - 20) loadMore()
  }, [hasMore, isLoadingMore, last, rows.length, loadMore])

  if (list.isLoading) return <Waiting label={label} columns={columns} />
  if (list.error && rows.length === 0) return <ProblemAlert error={list.error} retry={list.retry} />
  if (rows.length === 0) return isFiltered ? (noResults ?? empty) : empty
  const margin = virtual.options.scrollMargin
  const above = (shown[0]?.start ?? margin) - margin
  const below = virtual.getTotalSize() - ((shown.at(-1)?.end ?? margin) - margin)
  return (
    <div>
      <ProblemAlert error={list.error} retry={list.retry} />
      <table ref={setTable} className="list" aria-label={label} aria-rowcount={hasMore ? -1 : rows.length + 1}>
        <Head columns={columns} />
        <tbody>
          {above > 0 && <Gap height={above} span={columns.length} />}
          {shown.map(({ index, key }) => (
            <Row
              key={key}
              row={rows[index]}
              columns={columns as readonly Column<unknown>[]}
              index={index}
              isStale={list.isStale}
              measure={virtual.measureElement}
            />
          ))}
          {below > 0 && <Gap height={below} span={columns.length} />}
        </tbody>
      </table>
      {hasMore && (
        <Group justify="center" mt="md">
          <Button variant="default" onClick={loadMore} loading={isLoadingMore}>
            Load more
          </Button>
        </Group>
      )}
    </div>
  )
}

type RowProps = {
  row: unknown
  columns: readonly Column<unknown>[]
  index: number
  isStale: boolean
  measure: (row: HTMLTableRowElement | null) => void
}
/** One that stays in sight is not made anew while others come and go. */
const Row = memo(function Row({ row, columns, index, isStale, measure }: RowProps) {
  return (
    <tr className="row" ref={measure} data-index={index} data-stale={isStale || undefined} aria-rowindex={index + 2}>
      {columns.map(({ title, cell, align, isMain }) => (
        <td
          key={title}
          data-label={title}
          className={[align ?? '', isMain ? 'main' : ''].join(' ').trim() || undefined}
        >
          {cell(row)}
        </td>
      ))}
    </tr>
  )
})

/** How far below the top of the page it begins, also when what stands above it grows. */
function useTop(table: HTMLTableElement | null): number {
  const [top, setTop] = useState(0)
  useLayoutEffect(() => {
    if (!table) return
    const look = () => setTop(Math.round(table.getBoundingClientRect().top + window.scrollY))
    look()
    const observer = new ResizeObserver(look)
    observer.observe(document.body)
    return () => observer.disconnect()
  }, [table])
  return top
}

function Head<T>({ columns }: { columns: readonly Column<T>[] }) {
  return (
    <>
      <colgroup>
        {columns.map(({ title, width }) => (
          <col key={title} style={width ? { width } : {}} />
        ))}
      </colgroup>
      <thead>
        <tr aria-rowindex={1}>
          {columns.map(({ title, align }) => (
            <th key={title} scope="col" className={align}>
              {title}
            </th>
          ))}
        </tr>
      </thead>
    </>
  )
}

const Gap = ({ height, span }: { height: number; span: number }) => (
  <tr aria-hidden style={{ height }}>
    <td colSpan={span} style={{ height, padding: 0, border: 0 }} />
  </tr>
)

/** In the place of what is to come, as high as it will be. */
function Waiting<T>({ label, columns }: { label: string; columns: readonly Column<T>[] }) {
  return (
    <div role="status" aria-label={`${label}: loading`}>
      <table className="list" aria-hidden>
        <Head columns={columns} />
        <tbody>
          {Array.from({ length: 8 }, (_, row) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike
            <tr key={row} className="row">
              {columns.map(({ title, isMain }) => (
                <td key={title} className={isMain ? 'main' : undefined}>
                  <Skeleton height={14} width={isMain ? '70%' : '50%'} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
