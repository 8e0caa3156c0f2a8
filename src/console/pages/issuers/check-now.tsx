import { Button, Group, Loader, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Dialog } from '../../parts/dialog.tsx'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { api } from '../../wire/request.ts'
import type { Issuer, IssuerCheck } from '../../wire/shapes.ts'
import { CheckSteps } from './check-steps.tsx'
import { KeyList } from './key-list.tsx'

/** Fetches its keys now, beside those that are in use, and says how each step went. */
export function CheckNow({ path, issuer, onClose }: { path: string; issuer: Issuer; onClose: () => void }) {
  const check = useQuery({
    queryKey: ['check', path],
    queryFn: () => api.post<IssuerCheck>(`${path}/check`),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
    refetchOnWindowFocus: false,
  })
  const { data, error, isFetching } = check
  return (
    <Dialog title={`Check of ${issuer.name}`} opened onClose={onClose}>
      <Stack gap="md" mih={180} aria-busy={isFetching}>
        {isFetching ? (
          <Group gap="sm" role="status" aria-label="Loading the check">
            <Loader size="xs" aria-hidden />
            <Text size="sm">Fetching its keys…</Text>
          </Group>
        ) : error ? (
          <ProblemAlert error={error} />
        ) : (
          data && (
            <>
              <Text size="sm" fw={600}>
                {data.ok ? 'Its keys can be fetched and used.' : 'Its keys could not be fetched.'}
              </Text>
              <CheckSteps steps={data.steps} issuer={issuer.issuer} />
              {data.keys.length > 0 && <KeyList keys={data.keys as never} />}
              {!data.ok && (
                <Text size="sm" c="dimmed">
                  The keys that are known serve on while they are not too old: see Health.
                </Text>
              )}
            </>
          )
        )}
        <Group justify="flex-end" mt="auto">
          <Button variant="default" onClick={() => void check.refetch()} loading={isFetching}>
            Check again
          </Button>
          <Button onClick={onClose}>Done</Button>
        </Group>
      </Stack>
    </Dialog>
  )
}
