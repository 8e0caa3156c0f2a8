import { Button, Group, Stack } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { Choices } from '../../parts/choice-dialog.tsx'
import { FormBesideCode } from '../../parts/form-beside-code.tsx'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { SidePanel } from '../../parts/side-panel.tsx'
import { UserPicker } from '../../parts/user-picker.tsx'
import { useDeed } from '../../wire/deeds.ts'
import { api } from '../../wire/request.ts'
import type { Role, Team, TeamMember } from '../../wire/shapes.ts'
import { teamRoles } from './roles.ts'
import { memberCodes } from './team-codes.ts'

type Props = { org: string; team: Team; opened: boolean; onClose: () => void }

export function AddMemberPanel({ opened, onClose, ...rest }: Props) {
  return (
    <SidePanel title="Add member" opened={opened} onClose={onClose}>
      <AddMember onClose={onClose} {...rest} />
    </SidePanel>
  )
}

function AddMember({ org, team, onClose }: Omit<Props, 'opened'>) {
  const [user, setUser] = useState('')
  const [role, setRole] = useState<Role>('member')
  const deed = useDeed(
    () => api.put<TeamMember>(`/orgs/${org}/teams/${team.id}/members/${encodeURIComponent(user.trim())}`, { role }),
    { says: (member) => `${member.user.username} is ${member.role} of ${team.name}`, onDone: onClose },
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    deed.mutate(undefined)
  }
  const isUnknown = deed.error?.status === 404
  return (
    <FormBesideCode codes={memberCodes(org, team.name, undefined, user.trim() || 'USER', role)}>
      <form onSubmit={submit}>
        <Stack>
          <UserPicker
            org={org}
            value={user}
            onChange={setUser}
            error={isUnknown ? 'No user of the organization is called so' : undefined}
          />
          <Choices label="Role in the team" choices={teamRoles} value={role} onChange={setRole} />
          <ProblemAlert error={deed.error} title="Not added" />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={deed.isPending} disabled={user.trim() === ''}>
              Add member
            </Button>
          </Group>
        </Stack>
      </form>
    </FormBesideCode>
  )
}
