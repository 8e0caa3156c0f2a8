import { Badge, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Facts } from '../../parts/facts.tsx'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { Section } from '../../parts/section.tsx'
import { request } from '../../wire/request.ts'

type Ready = { status: string; dependencies: Record<string, { state: string }> }

/** What the service says of itself, and of what it stands on. */
export function StateSection() {
  const { data, error, refetch } = useQuery({
    queryKey: ['ready'],
    queryFn: ({ signal }) => request<Ready>('GET', '/readyz', { signal }),
    refetchInterval: 10_000,
  })
  return (
    <Section title="State" about="Metrics and alerts tell more: docs/how-to/observe.md.">
      <ProblemAlert error={error} retry={() => void refetch()} />
      {data ? (
        <Facts
          rows={[
            ['Service', <State key="all" state={data.status} />],
            ...Object.entries(data.dependencies).map(
              ([name, { state }]) =>
                [name === 'redis' ? 'Redis' : 'Database', <State key={name} state={state} />] as const,
            ),
          ]}
        />
      ) : (
        !error && <Skeleton height={48} role="status" aria-label="Loading the state" />
      )}
    </Section>
  )
}

const State = ({ state }: { state: string }) => (
  <Badge color={state === 'ok' ? 'green' : state === 'degraded' ? 'yellow' : 'red'}>{state}</Badge>
)
