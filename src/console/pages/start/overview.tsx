import { Group, Paper, SimpleGrid, Skeleton, Text } from '@mantine/core'
import { type ReactNode, useMemo } from 'react'
import { PageLink } from '../../parts/page-link.tsx'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { RelativeTime } from '../../parts/relative-time.tsx'
import { Section } from '../../parts/section.tsx'
import { useObject } from '../../wire/objects.ts'
import type { AuditEvent, ExchangeStats, Hygiene, Page } from '../../wire/shapes.ts'

const day = 86_400_000

/** What happens, what was refused, what should be looked at. */
export function Overview({ org }: { org: string }) {
  // Whole minutes, so that who comes back within one finds what was asked for.
  const from = useMemo(() => new Date(Math.floor((Date.now() - day) / 60_000) * 60_000).toISOString(), [])
  const stats = useObject<ExchangeStats>(`/orgs/${org}/exchange-stats`, { from, buckets: 24 }, { every: 30_000 })
  const hygiene = useObject<Hygiene>(`/orgs/${org}/hygiene`, { limit: 1 })
  const refused = useObject<Page<AuditEvent>>(
    `/orgs/${org}/audit-events`,
    { type: 'token.exchange', result: 'refused', from, limit: 5 },
    { every: 30_000 },
  )
  const counts = Object.values(hygiene.data?.counts ?? {})
  const open = counts.reduce((sum, count) => sum + count, 0)
  return (
    <>
      <ProblemAlert error={stats.error ?? hygiene.error ?? refused.error} />
      <SimpleGrid cols={{ base: 1, xs: 3 }}>
        <Figure label="Granted in 24 hours" value={stats.data?.granted} isAway={stats.isError}>
          <PageLink to="/$org/exchanges" params={{ org }} search={{ result: 'granted' }} size="sm">
            See them
          </PageLink>
        </Figure>
        <Figure label="Refused in 24 hours" value={stats.data?.refused} isAway={stats.isError}>
          <PageLink to="/$org/exchanges" params={{ org }} search={{ result: 'refused' }} size="sm">
            See why
          </PageLink>
        </Figure>
        <Figure label="To look at" value={hygiene.data && open} isAway={hygiene.isError}>
          <PageLink to="/$org/hygiene" params={{ org }} size="sm">
            Hygiene
          </PageLink>
        </Figure>
      </SimpleGrid>
      <Section title="Refused last" about="Each is explained: what was expected, what came.">
        {refused.data === undefined ? (
          <Skeleton height={120} role="status" aria-label="Loading refusals" />
        ) : refused.data.items.length === 0 ? (
          <Text size="sm" c="dimmed">
            Nothing was refused in the last 24 hours.
          </Text>
        ) : (
          refused.data.items.map((event) => (
            <Group key={event.id} justify="space-between" py={6} wrap="nowrap">
              <PageLink to="/$org/exchanges/$request" params={{ org, request: event.request_id }} size="sm">
                {event.reason ?? 'refused'}
              </PageLink>
              <Text size="sm" truncate style={{ flex: 1 }}>
                {String(event.detail.subject ?? '')}
              </Text>
              <Text size="sm" c="dimmed">
                <RelativeTime at={event.at} />
              </Text>
            </Group>
          ))
        )}
      </Section>
    </>
  )
}

type FigureProps = { label: string; value: number | undefined; isAway: boolean; children: ReactNode }

function Figure({ label, value, isAway, children }: FigureProps) {
  return (
    <Paper withBorder p="md">
      <Text size="sm" c="dimmed">
        {label}
      </Text>
      {value === undefined && !isAway ? (
        <Skeleton height={34} width={80} my={4} role="status" aria-label={`${label}: loading`} />
      ) : (
        <Text fz={28} fw={650} lh="42px">
          {value?.toLocaleString('en') ?? '–'}
        </Text>
      )}
      {children}
    </Paper>
  )
}
