import { Skeleton, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import type { Problem } from '../../wire/problem.ts'
import { api } from '../../wire/request.ts'
import type { Replay, TrustPolicy } from '../../wire/shapes.ts'
import { type AccountPlace, policiesAt } from './addresses.ts'
import { ReplayResult } from './replay-result.tsx'

type Props = { place: AccountPlace; policy: TrustPolicy; change: Record<string, unknown> }

/** What a change of a policy would have made of the last two weeks: in the confirmation of the deed. */
export function ReplayOf({ place, policy, change }: Props) {
  const { data, error, refetch } = useQuery<Replay, Problem>({
    queryKey: ['replay', policy.id, policy.updated_at, change],
    queryFn: () => api.post<Replay>(`${policiesAt(place)}/${policy.id}/replay`, { ...change, days: 14 }),
    retry: false,
    staleTime: 30_000,
  })
  if (error)
    return <ProblemAlert title="What it would have changed is not known" error={error} retry={() => void refetch()} />
  if (!data)
    return (
      <div role="status">
        <Text size="sm" c="dimmed" mb="xs">
          Looking at the exchanges of the last 14 days…
        </Text>
        <Skeleton height={72} />
      </div>
    )
  return <ReplayResult replay={data} />
}
