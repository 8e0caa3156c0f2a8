import { Chip, Fieldset, Group, Stack, Text } from '@mantine/core'
import type { Scalar } from '../../wire/shapes.ts'
import type { Draft } from './draft.ts'
import type { OfferedGroup } from './offered-claims.ts'

const colors: Readonly<Record<string, string>> = {
  immutable: 'teal',
  mutable: 'yellow',
  attacker_influenced: 'red',
}

/** However long a claim is, the page stays as wide as the screen. */
const wrapped = { height: 'auto', minHeight: 28, whiteSpace: 'normal', overflowWrap: 'anywhere' } as const

/** What may be asked for, each as a chip under who decides what it says. */
export function ClaimChips({
  groups,
  draft,
  onToggle,
}: {
  groups: readonly OfferedGroup[]
  draft: Draft
  onToggle: (claim: string, value: Scalar) => void
}) {
  const asked = new Set(draft.rows.map(({ claim }) => claim))
  return (
    <Stack gap="md">
      {groups.map(({ control, title, about, claims }) => (
        <Fieldset key={control} variant="unstyled" legend={title} styles={{ legend: { fontWeight: 600 } }}>
          <Text size="xs" c="dimmed" mb={6}>
            {about}
          </Text>
          <Group gap={6}>
            {claims.map(({ claim, is, value, isKnown }) => (
              <Chip
                key={claim}
                size="sm"
                radius="sm"
                variant="outline"
                color={colors[control] ?? 'gray'}
                checked={asked.has(claim)}
                onChange={() => onToggle(claim, value)}
                wrapperProps={{ title: is }}
                styles={{ root: { maxWidth: '100%' }, label: wrapped }}
              >
                <span className="mono">{isKnown ? `${claim} = ${shortened(String(value))}` : claim}</span>
              </Chip>
            ))}
          </Group>
        </Fieldset>
      ))}
    </Stack>
  )
}

const shortened = (text: string) => (text.length > 40 ? `${text.slice(0, 38)}…` : text)
