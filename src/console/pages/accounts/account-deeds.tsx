import { Button, Menu } from '@mantine/core'
import { IconChevronDown } from '@tabler/icons-react'
import { useState } from 'react'
import { useDeed } from '../../wire/deeds.ts'
import { api } from '../../wire/request.ts'
import type { ServiceAccount } from '../../wire/shapes.ts'
import type { AccountPlace } from './account-view.tsx'
import { DeleteAccount } from './delete-account.tsx'
import { EditAccount } from './edit-account.tsx'
import { StopAccount } from './stop-account.tsx'

type Props = AccountPlace & { account: ServiceAccount; etag: string | undefined }

/** What may be done with the account. Whatever stops something asks first. */
export function AccountDeeds({ org, team, path, account, etag }: Props) {
  const [opened, setOpened] = useState<'edit' | 'disable' | 'revoke' | 'delete'>()
  const close = () => setOpened(undefined)
  const enable = useDeed(() => api.patch(path, { enabled: true }), { says: () => `${account.name} is enabled` })
  const isFree = account.managed_by === null
  return (
    <>
      <Button variant="default" onClick={() => setOpened('edit')}>
        Edit
      </Button>
      {!account.enabled && isFree && (
        <Button onClick={() => enable.mutate(undefined)} loading={enable.isPending}>
          Enable
        </Button>
      )}
      <Menu position="bottom-end" width={240} returnFocus withinPortal={false} withInitialFocusPlaceholder={false}>
        <Menu.Target>
          <Button variant="default" rightSection={<IconChevronDown size={16} />}>
            Stop
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => setOpened('revoke')}>Revoke all tokens</Menu.Item>
          {account.enabled && <Menu.Item onClick={() => setOpened('disable')}>Disable</Menu.Item>}
          <Menu.Item color="red" onClick={() => setOpened('delete')}>
            Delete
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {opened === 'edit' && (
        <EditAccount org={org} team={team} path={path} account={account} etag={etag} onClose={close} />
      )}
      {(opened === 'disable' || opened === 'revoke') && (
        <StopAccount org={org} path={path} account={account} deed={opened} onClose={close} />
      )}
      {opened === 'delete' && <DeleteAccount org={org} team={team} path={path} account={account} onClose={close} />}
    </>
  )
}
