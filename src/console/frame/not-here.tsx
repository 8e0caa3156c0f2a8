import { Button, Center, Stack, Text, Title } from '@mantine/core'
import { type ErrorComponentProps, useRouter } from '@tanstack/react-router'
import { useEffect } from 'react'
import { PageButton } from '../parts/page-link.tsx'
import { ProblemAlert } from '../parts/problem-alert.tsx'

/** No page has this address. */
export function NotHere() {
  useEffect(() => {
    document.title = 'Not found · Countersign'
  }, [])
  return (
    <Center component="main" mih="60vh">
      <Stack align="center">
        <Title order={1}>Nothing is here</Title>
        <Text c="dimmed">No page of the console has this address. It may have been renamed or deleted.</Text>
        <PageButton to="/">To the start</PageButton>
      </Stack>
    </Center>
  )
}

/** A page could not be shown. */
export function PageFailed({ error, reset }: ErrorComponentProps) {
  const router = useRouter()
  return (
    <Stack p="md">
      <ProblemAlert error={error} title="The page cannot be shown" />
      <Button
        variant="default"
        onClick={() => {
          reset()
          void router.invalidate()
        }}
      >
        Try again
      </Button>
    </Stack>
  )
}
