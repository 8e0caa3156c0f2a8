import { Center, Group, Paper, Stack, Text, Title } from '@mantine/core'
import { type ReactNode, useEffect } from 'react'
import { Mark } from '../../frame/mark.tsx'

/** Around the pages that one sees before one is in. */
export function EntryFrame({ title, about, children }: { title: string; about?: ReactNode; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Countersign`
  }, [title])
  return (
    <Center component="main" mih="100vh" p="md">
      <Stack w="100%" maw={460} gap="lg">
        <Group gap="sm" justify="center">
          <Mark size={36} />
          <Text fw={650} size="xl">
            Countersign
          </Text>
        </Group>
        <Paper withBorder p="xl" radius="lg">
          <Title order={1} mb={about ? 4 : 'md'}>
            {title}
          </Title>
          {about && (
            <Text size="sm" c="dimmed" mb="md">
              {about}
            </Text>
          )}
          {children}
        </Paper>
      </Stack>
    </Center>
  )
}
