import { Button, Group, Skeleton, Stack } from '@mantine/core'
import type { FormEvent, ReactNode } from 'react'
import type { Problem } from '../wire/problem.ts'
import { Dialog } from './dialog.tsx'
import { ProblemAlert } from './problem-alert.tsx'

type Props = {
  title: string
  onClose: () => void
  /** What is changed could not be read. */
  unread?: unknown
  isLoading: boolean
  onSubmit: (event?: FormEvent<HTMLFormElement>) => void
  isRunning: boolean
  error: Problem | null
  /** Reads anew what somebody else has changed meanwhile, and begins from there. */
  onAgain: () => void
  children: ReactNode
}

/** A form over the page for what is there already. */
export function EditDialog({
  title,
  onClose,
  unread,
  isLoading,
  onSubmit,
  isRunning,
  error,
  onAgain,
  children,
}: Props) {
  const isOvertaken = error?.reason === 'precondition_failed'
  return (
    <Dialog title={title} opened onClose={onClose}>
      {unread ? (
        <ProblemAlert error={unread} retry={onAgain} />
      ) : isLoading ? (
        <Skeleton height={160} role="status" aria-label="Loading" />
      ) : (
        <form onSubmit={onSubmit}>
          <Stack>
            {children}
            <ProblemAlert error={error} title={isOvertaken ? 'Somebody changed it meanwhile' : 'Not saved'} />
            <Group justify="flex-end">
              {isOvertaken && (
                <Button variant="default" onClick={onAgain}>
                  Show what it is now
                </Button>
              )}
              <Button variant="default" onClick={onClose}>
                Cancel
              </Button>
              <Button type="submit" loading={isRunning}>
                Save
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Dialog>
  )
}
