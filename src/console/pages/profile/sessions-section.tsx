import { Badge, Button, Group, Skeleton, Stack, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { RelativeTime } from '../../parts/relative-time.tsx'
import { Section } from '../../parts/section.tsx'
import { useDeed } from '../../wire/deeds.ts'
import { endOtherSessions, endSession, sessionsQuery } from '../../wire/session.ts'
import type { SessionRow, SignedInBy } from '../../wire/shapes.ts'

const ways: Record<SignedInBy, string> = {
  api_key: 'an API key',
  operator_key: 'the operator’s key',
  sso: 'your identity provider',
  set_up_link: 'the set-up link',
}

/** Where one is signed in. Each can be ended; what it could do ends at once. */
export function SessionsSection() {
  const client = useQueryClient()
  const { data, error, refetch } = useQuery(sessionsQuery)
  const again = () => void client.invalidateQueries({ queryKey: sessionsQuery.queryKey })
  const end = useDeed(endSession, { says: () => 'That session has ended.', onDone: again })
  const endOthers = useDeed(endOtherSessions, { says: () => 'All other sessions have ended.', onDone: again })
  const rows = data?.items ?? []
  return (
    <Section
      title="Sessions"
      about="Browsers in which you are signed in. One that you do not know: end it, and revoke the key that it came by."
      actions={
        rows.length > 1 && (
          <Button variant="default" onClick={() => endOthers.mutate(undefined)} loading={endOthers.isPending}>
            Sign out everywhere else
          </Button>
        )
      }
    >
      <ProblemAlert error={error ?? end.error ?? endOthers.error} retry={() => void refetch()} />
      {data === undefined && !error && <Skeleton height={72} role="status" aria-label="Loading sessions" />}
      <Stack gap="xs" component="ul" pl={0} m={0} style={{ listStyle: 'none' }} aria-label="Sessions">
        {rows.map((row) => (
          <OneSession key={row.id} row={row} onEnd={() => end.mutate(row.id)} isEnding={end.isPending} />
        ))}
      </Stack>
    </Section>
  )
}

type Props = { row: SessionRow; onEnd: () => void; isEnding: boolean }

function OneSession({ row, onEnd, isEnding }: Props) {
  const { client, signed_in_by, created_at, last_seen_at, expires_at, current } = row
  return (
    <Group component="li" justify="space-between" align="flex-start" py="xs">
      <div style={{ flex: '1 1 16rem', minWidth: 0 }}>
        <Group gap="xs">
          <Text size="sm" fw={600}>
            {browserOf(client.user_agent)}
          </Text>
          {current && <Badge color="green">This one</Badge>}
        </Group>
        <Text size="sm" c="dimmed">
          From {client.ip}, by {ways[signed_in_by]}. Signed in <RelativeTime at={created_at} />, seen{' '}
          <RelativeTime at={last_seen_at} />, ends <RelativeTime at={expires_at} /> at the latest.
        </Text>
      </div>
      {!current && (
        <Button variant="default" size="xs" onClick={onEnd} disabled={isEnding}>
          End it
        </Button>
      )}
    </Group>
  )
}

/** As much of it as tells browsers apart. */
function browserOf(agent: string): string {
  const browser = /(Edg|OPR|Firefox|Chrome|Safari)[/ ](\d+)/.exec(agent)
  const system = /(Windows|Android|iPhone|iPad|Mac OS X|Linux)/.exec(agent)
  if (!browser) return agent.slice(0, 60) || 'Unknown program'
  const names: Record<string, string> = { Edg: 'Edge', OPR: 'Opera' }
  return `${names[browser[1] ?? ''] ?? browser[1]} ${browser[2]}${system ? ` on ${system[1]}` : ''}`
}
