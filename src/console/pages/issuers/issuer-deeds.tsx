import { Button, Group, Stack, Text } from '@mantine/core'
import { IconPower } from '@tabler/icons-react'
import { type ReactNode, useState } from 'react'
import { Section } from '../../parts/section.tsx'
import type { Issuer } from '../../wire/shapes.ts'
import { type IssuerDeed, StopIssuer } from './stop-issuer.tsx'

type Props = { org: string; path: string; issuer: Issuer }

/** The kill switch. */
export function SwitchIssuer(props: Props) {
  const [deed, choose] = useState<IssuerDeed>()
  const { enabled } = props.issuer
  return (
    <>
      <Button
        variant={enabled ? 'light' : 'filled'}
        color={enabled ? 'red' : 'indigo'}
        leftSection={<IconPower size={16} />}
        onClick={() => choose(enabled ? 'disable' : 'enable')}
      >
        {enabled ? 'Disable' : 'Enable'}
      </Button>
      {deed && <StopIssuer {...props} deed={deed} onClose={() => choose(undefined)} />}
    </>
  )
}

/** What is seldom done, and cannot be undone. */
export function EndIssuer(props: Props) {
  const [deed, choose] = useState<IssuerDeed>()
  return (
    <Section title="Revoke and delete">
      <Stack gap="sm">
        <Row button="Revoke its tokens" onClick={() => choose('revoke')}>
          Every access token that came from it ends at once; it stays enabled.
        </Row>
        <Row button="Delete" onClick={() => choose('delete')}>
          It goes with the trust policies on it, and every access token that came from it ends.
        </Row>
      </Stack>
      {deed && <StopIssuer {...props} deed={deed} onClose={() => choose(undefined)} />}
    </Section>
  )
}

const Row = ({ button, onClick, children }: { button: string; onClick: () => void; children: ReactNode }) => (
  <Group justify="space-between" gap="sm">
    <Text size="sm" style={{ flex: '1 1 16rem' }}>
      {children}
    </Text>
    <Button variant="light" color="red" onClick={onClick}>
      {button}
    </Button>
  </Group>
)
