import { SimpleGrid, Stack, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { type Code, CodePanel } from './code-panel.tsx'

/** A form, and beside it the same deed in other ways. */
export function FormBesideCode({
  codes,
  title = 'The same without the console',
  children,
}: {
  codes: readonly Code[]
  title?: string
  children: ReactNode
}) {
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="xl">
      <div>{children}</div>
      <Stack gap="xs">
        <Text size="sm" fw={600}>
          {title}
        </Text>
        <CodePanel label={title} codes={codes} />
      </Stack>
    </SimpleGrid>
  )
}
