import { Group, Modal, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { useFocusBack } from './use-focus-back.ts'

type Props = {
  title: string
  opened: boolean
  onClose: () => void
  size?: string
  mayDismiss?: boolean
  children: ReactNode
}

/** A question over the page. Its head is no banner: the page has one. */
export function Dialog({ title, opened, onClose, size = 'lg', mayDismiss = true, children }: Props) {
  useFocusBack(opened)
  return (
    <Modal.Root
      opened={opened}
      onClose={onClose}
      size={size}
      closeOnClickOutside={mayDismiss}
      closeOnEscape={mayDismiss}
      centered
    >
      <Modal.Overlay />
      <Modal.Content aria-label={title}>
        <Group justify="space-between" px="md" py="sm" wrap="nowrap">
          <Title order={2}>{title}</Title>
          {mayDismiss && <Modal.CloseButton aria-label="Close" />}
        </Group>
        <Modal.Body>{children}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  )
}
