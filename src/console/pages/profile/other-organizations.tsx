import { Button, Group } from '@mantine/core'
import { useState } from 'react'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { Section } from '../../parts/section.tsx'
import { chooseOrganization } from '../../wire/session.ts'
import type { Session } from '../../wire/shapes.ts'

/** For a person whom several organizations know: they are in one at a time. */
export function OtherOrganizations({ session }: { session: Session }) {
  const [error, setError] = useState<unknown>()
  const others = session.organizations.filter(({ name }) => name !== session.me?.org)
  if (others.length === 0) return null
  return (
    <Section title="Other organizations" about="They know you, too. You are in one at a time.">
      <Group>
        {others.map(({ id, name, display_name }) => (
          <Button key={id} variant="default" onClick={() => void chooseOrganization({ id, name }).catch(setError)}>
            Change to {display_name ?? name}
          </Button>
        ))}
      </Group>
      <ProblemAlert error={error} />
    </Section>
  )
}
