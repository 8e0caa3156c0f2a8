import { Button, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { Dialog } from '../../parts/dialog.tsx'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { useDeed } from '../../wire/deeds.ts'
import { mayPractise, openPractice } from './practice-platform.ts'

/** For whoever has no platform at hand, and wants to see an exchange. */
export function PracticeButton({ org }: { org: string }) {
  const [isOpen, setOpen] = useState(false)
  const open = useDeed(() => openPractice(org, undefined), {
    says: () => 'The practice platform is trusted.',
    onDone: () => setOpen(false),
  })
  if (!mayPractise()) return null
  return (
    <>
      <Button variant="default" onClick={() => setOpen(true)}>
        I have no platform at hand
      </Button>
      <Dialog title="A practice platform" opened={isOpen} onClose={() => setOpen(false)}>
        <Stack>
          <Text size="sm">
            This browser will sign tokens as a platform would. An issuer named <span className="mono">practice</span> is
            registered with the public half of its key; the private half cannot leave this browser, and ends with this
            page. Delete the issuer when you have seen enough.
          </Text>
          <ProblemAlert error={open.error} />
          <Button onClick={() => open.mutate(undefined)} loading={open.isPending}>
            Trust it
          </Button>
        </Stack>
      </Dialog>
    </>
  )
}
