import { Skeleton, Stack, Text } from '@mantine/core'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { RelativeTime } from '../../parts/relative-time.tsx'
import { useObject } from '../../wire/objects.ts'
import type { Dependants } from '../../wire/shapes.ts'

const most = 8

/** Whom the end of an issuer stops: accounts by name, and what came of its tokens lately. */
export function WhoIsStopped({ path }: { path: string }) {
  const { data, error, refetch } = useObject<Dependants>(`${path}/dependants`)
  if (error)
    return <ProblemAlert error={error} retry={() => void refetch()} title="Who depends on it could not be looked up" />
  if (!data) return <Skeleton height={64} role="status" aria-label="Loading who depends on it" />
  const { accounts, policies, items, exchanges } = data
  return (
    <Stack gap={4}>
      <Text size="sm">
        <b>
          {counted(accounts, 'service account')}
          {accounts > 0 && ` by ${counted(policies, 'trust policy', 'trust policies')}`}
        </b>
        {accounts === 0 && ' depends on it.'}
      </Text>
      {items.slice(0, most).map(({ id, name, team, last_used_at }) => (
        <Text key={id} size="sm">
          {team ? `${team}/${name}` : name}, last used <RelativeTime at={last_used_at} />
        </Text>
      ))}
      {accounts > most && <Text size="sm">and {accounts - most} more</Text>}
      <Text size="sm">
        <b>{counted(exchanges.granted, 'token')}</b> granted and <b>{exchanges.refused}</b> refused since{' '}
        <RelativeTime at={exchanges.since} />.
      </Text>
    </Stack>
  )
}

export const counted = (count: number, one: string, many = `${one}s`): string =>
  count === 0 ? `No ${one}` : `${count} ${count === 1 ? one : many}`
