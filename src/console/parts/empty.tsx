import { Stack, Text, ThemeIcon, Title } from '@mantine/core'
import { IconInbox, IconSearchOff } from '@tabler/icons-react'
import type { ReactNode } from 'react'

/** Nothing is there yet: what would be, and how to begin. `isSearch`: nothing fits what was asked for. */
export function Empty({
  title,
  children,
  action,
  isSearch = false,
}: {
  title: string
  children?: ReactNode
  action?: ReactNode
  isSearch?: boolean
}) {
  return (
    <Stack align="center" gap="xs" py="xl" px="md" ta="center">
      <ThemeIcon variant="light" color="gray" size="xl" radius="xl" aria-hidden>
        {isSearch ? <IconSearchOff size={22} /> : <IconInbox size={22} />}
      </ThemeIcon>
      <Title order={2}>{title}</Title>
      {children && (
        <Text size="sm" c="dimmed" maw="32rem">
          {children}
        </Text>
      )}
      {action}
    </Stack>
  )
}
