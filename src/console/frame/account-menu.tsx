import { Button, Menu } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconLogout, IconUser } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { signOut, useSession } from '../wire/session.ts'

/** Who is signed in. */
export function AccountMenu() {
  const { me } = useSession()
  const leave = () =>
    signOut().catch((problem: Error) =>
      notifications.show({ color: 'red', title: 'Not signed out', message: problem.message }),
    )
  const name = me.type === 'operator' ? 'Operator' : (me.name ?? 'Signed in')
  return (
    <Menu position="bottom-end" width={220} returnFocus withinPortal={false} withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <Button variant="default" size="xs" leftSection={<IconUser size={14} />} maw="10rem">
          {name}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component={Link} to="/profile" leftSection={<IconUser size={14} />}>
          Profile and sessions
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={14} />} onClick={() => void leave()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
