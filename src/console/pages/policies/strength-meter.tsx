import { Group, Progress, Stack, Text, ThemeIcon } from '@mantine/core'
import { IconAlertTriangle, IconCheck, IconCircleDashed, IconQuestionMark, IconX } from '@tabler/icons-react'
import type { Holds, Strength } from './strength.ts'

const levels = {
  dangerous: ['Dangerous', 'red', 25],
  weak: ['Weak', 'yellow', 50],
  fair: ['Fair', 'blue', 75],
  strong: ['Strong', 'teal', 100],
} as const
const looks: Readonly<Record<Holds, readonly [color: string, icon: typeof IconCheck, word: string]>> = {
  yes: ['teal', IconCheck, 'Yes'],
  partly: ['yellow', IconAlertTriangle, 'Partly'],
  no: ['red', IconX, 'No'],
  unknown: ['gray', IconQuestionMark, 'Not known'],
  open: ['gray', IconCircleDashed, 'Not asked for'],
}

/** `strength` undefined: it cannot be said yet, and `why`. */
export function StrengthMeter({ strength, why }: { strength: Strength | undefined; why: string }) {
  const [word, color, value] = strength ? levels[strength.level] : (['Unfinished', 'gray', 0] as const)
  return (
    <Stack gap="sm">
      <div>
        <Text fw={650} mb={4} role="status" aria-label={`Strength: ${word}`}>
          {word}
        </Text>
        <Progress.Root aria-hidden>
          <Progress.Section value={value} color={color} />
        </Progress.Root>
        <Text size="sm" c="dimmed" mt={6}>
          {strength?.says ?? why}
        </Text>
      </div>
      {strength?.points.map(({ about, holds, says }) => {
        const [tint, Icon, held] = looks[holds]
        return (
          <Group key={about} gap="xs" wrap="nowrap" align="flex-start">
            <ThemeIcon variant="light" color={tint} size="sm" radius="xl" role="img" aria-label={held}>
              <Icon size={14} aria-hidden />
            </ThemeIcon>
            <Text size="sm">
              <b>{about}.</b> {says}
            </Text>
          </Group>
        )
      })}
    </Stack>
  )
}
