import { Button, Stack } from '@mantine/core'
import { useState } from 'react'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { chooseOrganization } from '../../wire/session.ts'
import type { Session } from '../../wire/shapes.ts'
import { EntryFrame } from './entry-frame.tsx'

/** For a person whom several organizations know. */
export function ChooseOrganization({ session }: { session: Session }) {
  const [error, setError] = useState<unknown>()
  return (
    <EntryFrame title="Which organization?" about="Several know you. You can change to another one in your profile.">
      <Stack>
        {session.organizations.map(({ id, name, display_name }) => (
          <Button key={id} variant="default" onClick={() => void chooseOrganization({ id, name }).catch(setError)}>
            {display_name ?? name}
          </Button>
        ))}
        <ProblemAlert error={error} />
      </Stack>
    </EntryFrame>
  )
}
