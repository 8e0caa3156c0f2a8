import { Alert, Button, SimpleGrid, Skeleton, Stack } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import type { UseQueryResult } from '@tanstack/react-query'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { Section } from '../../parts/section.tsx'
import type { ExchangeStats } from '../../wire/shapes.ts'
import type { Search } from './filters.tsx'
import { OverTime } from './over-time.tsx'
import { Shares } from './shares.tsx'
import { isPart } from './span.ts'

type Props = {
  title: string
  query: UseQueryResult<ExchangeStats, Error>
  search: Search
  filter: (changes: Search) => void
}

/** How many were granted and refused: over time, by reason, issuer and account. */
export function Stats({ title, query, search, filter: filterBy }: Props) {
  const { data: stats, error, isPlaceholderData } = query
  // What is shown may be of the span before: nobody means that by a click now.
  const filter = (changes: Search) => isPlaceholderData || filterBy(changes)
  return (
    <Section
      title={title}
      actions={
        isPart(search) && (
          <Button size="xs" variant="default" onClick={() => filterBy({ from: '', to: '' })}>
            Back to the whole span
          </Button>
        )
      }
    >
      {stats ? (
        <Stack gap="md" aria-busy={isPlaceholderData} opacity={isPlaceholderData ? 0.6 : 1}>
          {!stats.complete && (
            <Alert color="yellow" icon={<IconAlertTriangle />} title="Not all of it was counted" py="xs">
              There is more in this span than is counted at once, so the numbers are too low. Choose a shorter one.
            </Alert>
          )}
          <OverTime stats={stats} onPick={(from, to) => filter({ from, to })} />
          <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} spacing="xl">
            <Shares
              title="Refused, by reason"
              of="Reason"
              shares={stats.reasons.map(({ reason, count }) => ({
                key: reason,
                label: reason,
                granted: 0,
                refused: count,
              }))}
              chosen={search.reason}
              onPick={(reason) => filter({ reason, result: reason === '' ? '' : 'refused' })}
              none="Nothing was refused."
            />
            <Shares
              title="By issuer"
              of="Issuer"
              shares={stats.issuers.map(({ issuer, ...counts }) => ({ key: issuer, label: issuer, ...counts }))}
              chosen={search.issuer}
              onPick={(issuer) => filter({ issuer })}
              none="No token was shown."
            />
            <Shares
              title="By service account"
              of="Service account"
              shares={stats.accounts.map(({ id, name, team, ...counts }) => ({
                key: id,
                label: team === null ? name : `${team}/${name}`,
                ...counts,
              }))}
              chosen={search.account}
              onPick={(account) => filter({ account })}
              none="No account was found."
            />
          </SimpleGrid>
        </Stack>
      ) : error ? (
        <ProblemAlert error={error} retry={() => void query.refetch()} />
      ) : (
        <Stack gap="md" role="status" aria-label="Loading the numbers">
          <Skeleton height={180} />
          <Skeleton height={170} />
        </Stack>
      )}
    </Section>
  )
}
