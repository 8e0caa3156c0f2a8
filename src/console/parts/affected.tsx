import { Skeleton, Text } from '@mantine/core'
import type { List } from '../wire/lists.ts'
import { ProblemAlert } from './problem-alert.tsx'

type Props<T> = {
  list: List<T>
  /** In one word or two: `service account`. */
  one: string
  many?: string
  name: (row: T) => string
  /** What becomes of them: `stop at once`. */
  fate?: string
}

const most = 6

/** Whom a deed stops: how many, and the first of them by name. */
export function Affected<T>({ list, one, many = `${one}s`, name, fate }: Props<T>) {
  const { rows, hasMore, isLoading, error } = list
  if (isLoading) return <Skeleton height={22} width="60%" role="status" aria-label={`Looking for ${many}`} />
  if (error) return <ProblemAlert error={error} title={`Its ${many} could not be looked up`} />
  const said =
    rows.length === 0 ? `No ${one}` : `${hasMore ? 'More than ' : ''}${rows.length} ${rows.length === 1 ? one : many}`
  const more = rows.length > most ? ', …' : ''
  return (
    <Text size="sm">
      <b>{said}</b>
      {rows.length > 0 && `: ${rows.slice(0, most).map(name).join(', ')}${more}`}
      {rows.length > 0 && fate && ` (${fate})`}
    </Text>
  )
}
