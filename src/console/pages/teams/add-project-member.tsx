import { Button, Group, SegmentedControl, Stack } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { AccountPicker } from '../../parts/account-picker.tsx'
import { Choices } from '../../parts/choice-dialog.tsx'
import { FormBesideCode } from '../../parts/form-beside-code.tsx'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { SidePanel } from '../../parts/side-panel.tsx'
import { UserPicker } from '../../parts/user-picker.tsx'
import { useDeed } from '../../wire/deeds.ts'
import { api } from '../../wire/request.ts'
import type { Project, ProjectMember, ProjectRole } from '../../wire/shapes.ts'
import { projectRoles } from './roles.ts'
import { memberCodes } from './team-codes.ts'

type Props = { org: string; project: Project; path: string; isTeamAdmin: boolean; onClose: () => void }

export function AddProjectMemberPanel(props: Props) {
  return (
    <SidePanel title="Add to the project" opened onClose={props.onClose}>
      <AddProjectMember {...props} />
    </SidePanel>
  )
}

const kinds = [
  { value: 'user', label: 'User' },
  { value: 'service_account', label: 'Service account' },
]

function AddProjectMember({ org, project, path, isTeamAdmin, onClose }: Props) {
  const [kind, setKind] = useState('user')
  const [member, setMember] = useState('')
  const [role, setRole] = useState<ProjectRole>('editor')
  const deed = useDeed(() => api.put<ProjectMember>(`${path}/${encodeURIComponent(member.trim())}`, { role }), {
    says: ({ principal }) => `${principal.name} is in ${project.name}`,
    onDone: onClose,
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    deed.mutate(undefined)
  }
  const said: Record<string, string> = {
    not_found: 'Nobody in the organization is called so',
    account_of_another_team: 'A service account of another team cannot be added',
  }
  const error = deed.error ? said[deed.error.reason] : undefined
  const choose = (to: string) => {
    deed.reset()
    setMember(to)
  }
  const codes = memberCodes(org, project.team, project.name, member.trim() || 'USER_OR_ACCOUNT_ID', role)
  return (
    <FormBesideCode codes={codes}>
      <form onSubmit={submit}>
        <Stack>
          <SegmentedControl
            aria-label="Whom to add"
            data={kinds}
            value={kind}
            onChange={(to) => {
              setKind(to)
              choose('')
            }}
          />
          {kind === 'user' ? (
            <UserPicker org={org} value={member} onChange={choose} error={error} />
          ) : (
            <AccountPicker
              org={org}
              {...(isTeamAdmin ? { team: project.team } : {})}
              value={member}
              onChange={choose}
              error={error}
            />
          )}
          <Choices label="Role in the project" choices={projectRoles} value={role} onChange={setRole} />
          <ProblemAlert error={deed.error} title="Not added" />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={deed.isPending} disabled={member.trim() === ''}>
              Add
            </Button>
          </Group>
        </Stack>
      </form>
    </FormBesideCode>
  )
}
