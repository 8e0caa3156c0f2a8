import { Drawer, Group, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { useFocusBack } from './use-focus-back.ts'

type Props = {
  title: string
  opened: boolean
  onClose: () => void
  size?: string | number
  /** False while something stands in it that would be lost. */
  mayDismiss?: boolean
  children: ReactNode
}

/** A panel beside the page. Its head is no banner: the page has one. */
export function SidePanel({ title, opened, onClose, size = '56rem', mayDismiss = true, children }: Props) {
  useFocusBack(opened)
  return (
    <Drawer.Root
      opened={opened}
      onClose={onClose}
      position="right"
      size={size}
      closeOnClickOutside={mayDismiss}
      closeOnEscape={mayDismiss}
    >
      <Drawer.Overlay />
      <Drawer.Content aria-label={title}>
        <Group justify="space-between" px="md" py="sm" wrap="nowrap">
          <Title order={2}>{title}</Title>
          {mayDismiss && <Drawer.CloseButton aria-label="Close" />}
        </Group>
        <Drawer.Body>{children}</Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  )
}
