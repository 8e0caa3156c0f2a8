import { Button, Group, Paper, SimpleGrid, Stack, Text, TextInput } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { type FormEvent, useState } from 'react'
import type { Preset } from '../../wire/shapes.ts'
import type { Known } from './forms.ts'

/** What nobody but the admin knows: every `<name>` in the policy, to be filled in everywhere at once. */
export function GapsForm({
  gaps,
  preset,
  onFill,
}: {
  gaps: readonly string[]
  preset: Preset | undefined
  onFill: (known: Known) => void
}) {
  const [typed, setTyped] = useState<Known>({})
  const given = Object.fromEntries(gaps.flatMap((gap) => (typed[gap]?.trim() ? [[gap, typed[gap].trim()]] : [])))
  const fill = (event: FormEvent) => {
    event.preventDefault()
    onFill(given)
  }
  return (
    <Paper withBorder p="md" style={{ borderColor: 'var(--mantine-color-yellow-6)' }}>
      <form onSubmit={fill}>
        <Stack gap="sm">
          <div>
            <Group gap="xs">
              <IconAlertTriangle size={18} aria-hidden />
              <Text fw={600}>Still to be filled in</Text>
            </Group>
            <Text size="sm" c="dimmed">
              Only you can know these. Until then the policy fits nothing.
            </Text>
          </div>
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            {gaps.map((gap) => (
              <TextInput
                key={gap}
                label={gap}
                description={aboutOf(gap, preset)}
                value={typed[gap] ?? ''}
                onChange={(event) => {
                  const { value } = event.currentTarget
                  setTyped((before) => ({ ...before, [gap]: value }))
                }}
                autoComplete="off"
                spellCheck={false}
                inputWrapperOrder={['label', 'input', 'description', 'error']}
              />
            ))}
          </SimpleGrid>
          <Group justify="flex-end">
            <Button type="submit" disabled={Object.keys(given).length === 0}>
              Fill in
            </Button>
          </Group>
        </Stack>
      </form>
    </Paper>
  )
}

/** What the claim of that name says, where the preset has it. */
function aboutOf(gap: string, preset: Preset | undefined): string | undefined {
  const part = preset?.recommended.conditions.find(({ value }) => value === `{${gap}}`)?.claim
  const claim = preset?.claims.find((one) => one.claim === gap || one.claim === part)
  return claim && `${claim.is}; for example ${String(claim.example)}`
}
