import { Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { mayChange } from '../wire/rights.ts'
import { useSession } from '../wire/session.ts'

/** Why a page has no buttons: for whoever changes nothing anywhere, that; for others `children`, which say who has them. */
export function LookOnly({ children }: { children?: ReactNode }) {
  const { me } = useSession()
  const said = mayChange(me) ? children : 'You may look here, and change nothing.'
  return said ? (
    <Text size="sm" c="dimmed">
      {said}
    </Text>
  ) : null
}
