import { Group, Text, ThemeIcon } from '@mantine/core'
import { IconCheck, IconX } from '@tabler/icons-react'
import type { CheckStep } from '../../wire/shapes.ts'
import { whatToDo } from './what-to-do.ts'

const names = {
  discovery: 'Discovery document',
  issuer: 'Same issuer',
  jwks: 'Key set',
  keys: 'Usable keys',
} as const

/** How far the fetch of an issuer's keys came, how long each step took, and what to do about the one that failed. */
export function CheckSteps({ steps, issuer }: { steps: readonly CheckStep[]; issuer: string }) {
  return (
    <ol style={{ listStyle: 'none', margin: 0, padding: 0 }} aria-label="Steps of the check">
      {steps.map(({ step, ok, message, milliseconds }) => (
        <li key={step}>
          <Group gap="sm" wrap="nowrap" align="flex-start" py={4}>
            <ThemeIcon size={20} radius="xl" color={ok ? 'teal' : 'red'} variant="light" aria-hidden>
              {ok ? <IconCheck size={14} /> : <IconX size={14} />}
            </ThemeIcon>
            <div style={{ flex: 1, minWidth: 0 }}>
              <Text size="sm">
                <b>{names[step]}</b>: {message} {!ok && <b>(failed)</b>}
              </Text>
              {!ok && <Text size="sm">{whatToDo(step, message, issuer)}</Text>}
            </div>
            <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
              {milliseconds} ms
            </Text>
          </Group>
        </li>
      ))}
    </ol>
  )
}
