import { Alert, Button, Group, Select, Stack, Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { Section } from '../../parts/section.tsx'
import type { Problem } from '../../wire/problem.ts'
import { api } from '../../wire/request.ts'
import type { Replay, TrustPolicy } from '../../wire/shapes.ts'
import { type AccountPlace, policiesAt } from './addresses.ts'
import { type Draft, gapsOf, membersOf } from './draft.ts'
import { ReplayResult } from './replay-result.tsx'

type Props = { place: AccountPlace; draft: Draft; policy: TrustPolicy | undefined }

/** What the draft, live, would have made of the exchanges on record. */
export function PreviewSection({ place, draft, policy }: Props) {
  const [days, setDays] = useState('14')
  const body = JSON.stringify({ issuer: draft.issuer, ...membersOf(draft), days: Number(days) })
  const run = useMutation<{ replay: Replay; of: string }, Problem, void>({
    mutationFn: async () => ({
      replay: await api.post<Replay>(
        policy ? `${policiesAt(place)}/${policy.id}/replay` : `${policiesAt(place)}/replay`,
        JSON.parse(body),
      ),
      of: body,
    }),
  })
  const isReady = draft.issuer !== '' && draft.subject !== '' && gapsOf(draft).length === 0
  return (
    <Section
      title="What it would have changed"
      about="The exchanges on record, judged as if the policy had been live. Nothing is changed by looking."
    >
      <Stack gap="md">
        <Group align="flex-end">
          <Select
            label="How far back"
            data={[1, 7, 14, 30, 90].map((one) => ({ value: `${one}`, label: one === 1 ? '1 day' : `${one} days` }))}
            value={days}
            onChange={(value) => value && setDays(value)}
            allowDeselect={false}
            w="9rem"
          />
          <Button variant="default" onClick={() => run.mutate()} loading={run.isPending} disabled={!isReady}>
            Preview
          </Button>
          {!isReady && (
            <Text size="sm" c="dimmed">
              It needs an issuer and a subject, and nothing left to fill in.
            </Text>
          )}
        </Group>
        <ProblemAlert error={run.error} />
        {run.data && run.data.of !== body && (
          <Alert color="gray" py="xs" title="The policy was changed since: preview it anew">
            {null}
          </Alert>
        )}
        {run.data && <ReplayResult replay={run.data.replay} />}
      </Stack>
    </Section>
  )
}
