import { Alert, Button, Skeleton, Stack, Text } from '@mantine/core'
import { IconRefresh } from '@tabler/icons-react'
import { HealthBadge } from '../../parts/badges.tsx'
import { Facts } from '../../parts/facts.tsx'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { RelativeTime } from '../../parts/relative-time.tsx'
import { Section } from '../../parts/section.tsx'
import { useDeed } from '../../wire/deeds.ts'
import { useObject } from '../../wire/objects.ts'
import { api } from '../../wire/request.ts'
import type { HealthHistory, Issuer } from '../../wire/shapes.ts'
import { FetchHistory } from './fetch-history.tsx'
import { KeyList } from './key-list.tsx'

type Props = { path: string; issuer: Issuer; mayChange: boolean }

/** How its keys stand, and what came of the last fetches. */
export function IssuerHealthSection({ path, issuer, mayChange }: Props) {
  const found = useObject<HealthHistory>(`${path}/health`, {}, { every: 15_000 })
  const refresh = useDeed(() => api.post<Issuer>(`${path}/refresh`), {
    says: ({ health }) =>
      health.state === 'ok' ? 'The keys were fetched anew' : `The keys could not be fetched: ${health.message ?? ''}`,
  })
  const health = found.data
  return (
    <Section
      title="Health"
      actions={
        mayChange &&
        issuer.enabled &&
        !issuer.jwks && (
          <Button
            size="xs"
            variant="default"
            leftSection={<IconRefresh size={14} />}
            loading={refresh.isPending}
            onClick={() => refresh.mutate(undefined)}
          >
            Refresh keys
          </Button>
        )
      }
    >
      <Stack gap="md">
        <ProblemAlert error={refresh.error} />
        <ProblemAlert error={found.error} retry={() => void found.refetch()} />
        {!health && !found.error && (
          <Stack role="status" aria-label="Loading its health">
            <Skeleton height={88} />
            <Skeleton height={140} />
          </Stack>
        )}
        {health && (
          <>
            {!issuer.enabled && (
              <Alert color="gray" p="xs">
                It is disabled: nothing is fetched, and no token of it is taken.
              </Alert>
            )}
            <Facts
              rows={[
                ['State', <HealthBadge key="state" state={health.state} />],
                !issuer.jwks && ['Last success', <RelativeTime key="success" at={health.last_success} />],
                !issuer.jwks && ['Last attempt', <RelativeTime key="attempt" at={health.last_attempt} />],
                !issuer.jwks && [
                  'Last rotation',
                  <RelativeTime key="rotation" at={health.last_rotation} never="none seen" />,
                ],
                health.message !== undefined && ['It said', health.message],
              ]}
            />
            {health.keys.length > 0 ? (
              <KeyList keys={health.keys} />
            ) : (
              <Text size="sm" c="dimmed">
                No key is known now{issuer.enabled ? '; the next token of it makes them be fetched' : ''}.
              </Text>
            )}
            {issuer.jwks ? (
              <Text size="sm" c="dimmed">
                Its keys were uploaded, and nobody tells when they are rotated: put the new ones here (Edit) before the
                issuer signs with them.
              </Text>
            ) : (
              <FetchHistory history={health.history} />
            )}
          </>
        )}
      </Stack>
    </Section>
  )
}
