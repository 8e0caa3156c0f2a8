import { SimpleGrid, Stack, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { type Code, CodePanel } from './code-panel.tsx'

/** A form, and beside it the same deed in other ways. */
export function FormBesideCode({ codes, children }: { codes: readonly Code[]; children: ReactNode }) {
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="xl">
      <div>{children}</div>
      <Stack gap="xs">
        <Text size="sm" fw={600}>
          The same without the console
        </Text>
        <CodePanel label="The same without the console" codes={codes} />
      </Stack>
    </SimpleGrid>
  )
}
