import { Button, Group, Stack, TextInput } from '@mantine/core'
import { type FormEvent, type ReactNode, useState } from 'react'
import { Dialog } from './dialog.tsx'
import { ProblemAlert } from './problem-alert.tsx'

type Props = {
  title: string
  /** What it stops and whom: shown before anything is done. */
  children: ReactNode
  /** What the button says it does. */
  deed: string
  /** To be typed first, where the deed cannot be undone. */
  typed?: string
  opened: boolean
  onClose: () => void
  onConfirm: () => void
  isRunning: boolean
  error?: unknown
  color?: string
}

/** Asks before a deed that stops something. */
export function ConfirmDeed(props: Props) {
  const { title, children, deed, typed, opened, onClose, onConfirm, isRunning, error, color = 'red.9' } = props
  const [text, setText] = useState('')
  const isSure = typed === undefined || text.trim() === typed
  const confirm = (event: FormEvent) => {
    event.preventDefault()
    if (isSure) onConfirm()
  }
  return (
    <Dialog title={title} opened={opened} onClose={onClose}>
      <form onSubmit={confirm}>
        <Stack gap="md">
          {children}
          {typed !== undefined && (
            <TextInput
              label={`Type ${typed} to confirm`}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
              autoComplete="off"
              spellCheck={false}
              data-autofocus
            />
          )}
          <ProblemAlert error={error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" color={color} disabled={!isSure} loading={isRunning}>
              {deed}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}
