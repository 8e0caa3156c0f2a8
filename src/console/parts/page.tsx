import { Group, Text, Title } from '@mantine/core'
import { type ReactNode, useEffect } from 'react'
import { InTurn } from './in-turn.tsx'

type Props = {
  title: string
  /** Where it is: a `Trail`. */
  trail?: ReactNode
  about?: ReactNode
  badges?: ReactNode
  actions?: ReactNode
  children: ReactNode
}

/** What every page begins with. The title is the document's too. */
export function Page({ title, trail, about, badges, actions, children }: Props) {
  useEffect(() => {
    document.title = `${title} · Countersign`
  }, [title])
  return (
    <InTurn>
      {trail}
      <Group justify="space-between" align="flex-start" gap="md">
        <div style={{ flex: '1 1 20rem', minWidth: 0 }}>
          <Group gap="sm">
            <Title order={1}>{title}</Title>
            {badges}
          </Group>
          {about && (
            <Text c="dimmed" size="sm" mt={4} maw="46rem">
              {about}
            </Text>
          )}
        </div>
        {actions && <Group gap="sm">{actions}</Group>}
      </Group>
      {children}
    </InTurn>
  )
}
