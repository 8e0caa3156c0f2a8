import { Button } from '@mantine/core'
import { IconBolt, IconPencil, IconTrash, IconUserShield } from '@tabler/icons-react'
import { useState } from 'react'
import type { User } from '../../wire/shapes.ts'
import { DeleteUser } from './delete-user.tsx'
import { EditUser } from './edit-user.tsx'
import { RevokeUser } from './revoke-user.tsx'
import { UserRole } from './user-role.tsx'

type Deed = 'edit' | 'role' | 'revoke' | 'delete'

/** What admins of the organization do with a user. */
export function UserActions({ org, user }: { org: string; user: User }) {
  const [deed, setDeed] = useState<Deed>()
  const close = () => setDeed(undefined)
  const props = { org, user, onClose: close }
  const icon = { size: 16 }
  return (
    <>
      <Button variant="default" leftSection={<IconPencil {...icon} />} onClick={() => setDeed('edit')}>
        Edit
      </Button>
      <Button variant="default" leftSection={<IconUserShield {...icon} />} onClick={() => setDeed('role')}>
        Change role
      </Button>
      <Button variant="default" leftSection={<IconBolt {...icon} />} onClick={() => setDeed('revoke')}>
        Revoke tokens
      </Button>
      <Button variant="default" leftSection={<IconTrash {...icon} />} onClick={() => setDeed('delete')}>
        Delete
      </Button>
      {deed === 'edit' && <EditUser {...props} />}
      {deed === 'role' && <UserRole {...props} />}
      {deed === 'revoke' && <RevokeUser {...props} />}
      {deed === 'delete' && <DeleteUser {...props} />}
    </>
  )
}

export type UserDeed = { org: string; user: User; onClose: () => void }
