import { Button, Group } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconPencil, IconTrash } from '@tabler/icons-react'
import type { Team } from '../../wire/shapes.ts'
import { DeleteTeam } from './delete-team.tsx'
import { EditTeam } from './edit-team.tsx'

/** What admins of the organization do with a team. */
export function TeamActions({ org, team }: { org: string; team: Team }) {
  const [isEditing, editing] = useDisclosure()
  const [isDeleting, deleting] = useDisclosure()
  return (
    <Group gap="xs">
      <Button variant="default" leftSection={<IconPencil size={16} />} onClick={editing.open}>
        Edit team
      </Button>
      <Button variant="default" leftSection={<IconTrash size={16} />} onClick={deleting.open}>
        Delete team
      </Button>
      {isEditing && <EditTeam org={org} id={team.id} onClose={editing.close} />}
      {isDeleting && <DeleteTeam org={org} team={team} onClose={deleting.close} />}
    </Group>
  )
}
