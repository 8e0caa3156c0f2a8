import { Button, Group, Text } from '@mantine/core'
import { IconArrowUp, IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { DataList } from '../../parts/data-list.tsx'
import { Section } from '../../parts/section.tsx'
import type { Query } from '../../wire/lists.ts'
import { useLiveList } from '../../wire/live-list.ts'
import type { AuditEvent } from '../../wire/shapes.ts'
import { exchangeColumns } from './exchange-columns.tsx'
import { useReading } from './reading.ts'

type Props = {
  org: string
  query: Query
  isEnded: boolean
  isFiltered: boolean
  empty: ReactNode
  noResults: ReactNode
}

/** Exchanges as they happen. While somebody reads, new ones wait above the list. `isEnded`: nothing new can come. */
export function LiveExchanges({ org, query, isEnded, isFiltered, empty, noResults }: Props) {
  const [isPaused, setPaused] = useState(false)
  const place = useRef<HTMLDivElement>(null)
  const isReading = useReading(place)
  const isLive = !isPaused && !isEnded
  const live = useLiveList<AuditEvent>(`/orgs/${org}/audit-events`, query, { isLive, since })
  const { list, count, isMore, show } = live
  const isWaiting = isReading && list.rows.length > 0
  useEffect(() => {
    if (count > 0 && !isWaiting) show()
  }, [count, isWaiting, show])
  return (
    <Section
      title="Exchanges"
      about={live.error ? 'Nothing new can be asked for at the moment; it is tried again.' : state(isEnded, isPaused)}
      actions={
        <Group gap={0} mih={30}>
          <div role="status" style={{ marginRight: count > 0 && isWaiting ? 8 : 0 }}>
            {count > 0 && isWaiting && (
              <Button size="xs" leftSection={<IconArrowUp size={14} />} onClick={show}>
                {count}
                {isMore ? ' and more' : ''} new
              </Button>
            )}
          </div>
          {!isEnded && (
            <Button
              size="xs"
              variant="default"
              leftSection={isPaused ? <IconPlayerPlay size={14} /> : <IconPlayerPause size={14} />}
              onClick={() => setPaused(!isPaused)}
            >
              {isPaused ? 'Go on' : 'Pause'}
            </Button>
          )}
        </Group>
      }
    >
      <div ref={place}>
        <DataList
          label="Exchanges"
          list={list}
          columns={exchangeColumns(org)}
          rowKey={({ id }) => id}
          isFiltered={isFiltered}
          empty={empty}
          noResults={noResults}
        />
      </div>
      {list.rows.length > 0 && !list.hasMore && (
        <Text size="xs" c="dimmed" ta="center" mt="sm">
          That is all of this span.
        </Text>
      )}
    </Section>
  )
}

/** Events stand in the order in which they were written, which is not quite that of their times. */
const since = ({ at }: AuditEvent): Query => ({ from: new Date(Date.parse(at) - 60_000).toISOString() })

const state = (isEnded: boolean, isPaused: boolean) =>
  isEnded
    ? 'Of a span that has ended.'
    : isPaused
      ? 'Paused: what happens now is shown when you go on.'
      : 'Live: what happens appears on top, within a few seconds.'
