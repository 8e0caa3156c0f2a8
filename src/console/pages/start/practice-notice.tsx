import { Alert, Button, Group, Text } from '@mantine/core'
import { useState } from 'react'
import { mayChangeOrg } from '../../wire/rights.ts'
import { useSession } from '../../wire/session.ts'
import type { Issuer } from '../../wire/shapes.ts'
import { StopIssuer } from '../issuers/stop-issuer.tsx'

/** While the practice platform is trusted: what that means, and the way to be rid of it. */
export function PracticeNotice({ org, practice }: { org: string; practice: Issuer }) {
  const may = mayChangeOrg(useSession().me)
  const [isOpen, setOpen] = useState(false)
  return (
    <Alert color="yellow" title="The practice platform is still trusted">
      <Group justify="space-between">
        <Text size="sm">
          It was for a first try. Delete its issuer, which ends the policies on it and what they have granted.
        </Text>
        {may && (
          <Button variant="default" size="xs" onClick={() => setOpen(true)}>
            Delete the practice issuer
          </Button>
        )}
      </Group>
      {isOpen && (
        <StopIssuer
          org={org}
          path={`/orgs/${org}/issuers/${practice.id}`}
          issuer={practice}
          deed="delete"
          onClose={() => setOpen(false)}
        />
      )}
    </Alert>
  )
}
