import { ActionIcon, Button, Menu } from '@mantine/core'
import { IconDots, IconPower } from '@tabler/icons-react'
import { useState } from 'react'
import type { Issuer } from '../../wire/shapes.ts'
import { type IssuerDeed, StopIssuer } from './stop-issuer.tsx'

/** What stops an issuer, and what lets it on again. */
export function IssuerDeeds({ org, path, issuer }: { org: string; path: string; issuer: Issuer }) {
  const [deed, choose] = useState<IssuerDeed>()
  return (
    <>
      <Button
        variant={issuer.enabled ? 'light' : 'filled'}
        color={issuer.enabled ? 'red' : 'indigo'}
        leftSection={<IconPower size={16} />}
        onClick={() => choose(issuer.enabled ? 'disable' : 'enable')}
      >
        {issuer.enabled ? 'Disable' : 'Enable'}
      </Button>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon variant="default" size={36} aria-label="More deeds">
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => choose('revoke')}>Revoke its tokens</Menu.Item>
          <Menu.Item color="red" onClick={() => choose('delete')}>
            Delete
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {deed && <StopIssuer org={org} path={path} issuer={issuer} deed={deed} onClose={() => choose(undefined)} />}
    </>
  )
}
