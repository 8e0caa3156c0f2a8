import { List, Text } from '@mantine/core'
import { IconBulb } from '@tabler/icons-react'
import type { Hint } from '../../wire/shapes/kept.ts'
import { begun } from './words.ts'

/** What may have been meant. */
export const Hints = ({ hints }: { hints: readonly Hint[] }) =>
  hints.length === 0 ? null : (
    <List icon={<IconBulb size={16} aria-label="Hint" />} size="sm" mt={6} spacing={2}>
      {hints.map(({ kind, message }) => (
        <List.Item key={`${kind} ${message}`}>
          <Text size="sm">{begun(message)}</Text>
        </List.Item>
      ))}
    </List>
  )
