import { Text } from '@mantine/core'
import { ChoiceDialog } from '../../parts/choice-dialog.tsx'
import { ConfirmDeed } from '../../parts/confirm-deed.tsx'
import { useDeed } from '../../wire/deeds.ts'
import { api } from '../../wire/request.ts'
import type { Project, ProjectMember, ProjectRole } from '../../wire/shapes.ts'
import { projectRoles } from './roles.ts'

/** `path`: of all members. */
type Props = { path: string; project: Project; member: ProjectMember; onClose: () => void }

export function ProjectMemberRole({ path, project, member, onClose }: Props) {
  const { name, type } = member.principal
  const deed = useDeed((role: ProjectRole) => api.put<ProjectMember>(`${path}/${member.id}`, { role }), {
    says: ({ role }) => `${name} is ${role} of ${project.name}`,
    onDone: onClose,
  })
  return (
    <ChoiceDialog
      title={`Role of ${name}`}
      label={`What ${name} may do in ${project.name}`}
      choices={projectRoles}
      current={member.role}
      warning={(role) => role === 'admin' && type === 'user' && `${name} will be able to add others and to open it.`}
      deed={(role) => (role === 'admin' ? 'Make admin' : 'Save role')}
      onClose={onClose}
      onChoose={(role) => deed.mutate(role)}
      isRunning={deed.isPending}
      error={deed.error}
    />
  )
}

export function RemoveProjectMember({ path, project, member, onClose }: Props) {
  const { name } = member.principal
  const deed = useDeed(() => api.delete(`${path}/${member.id}`), {
    says: () => `${name} is no longer in ${project.name}`,
    onDone: onClose,
  })
  return (
    <ConfirmDeed
      title={`Remove ${name}`}
      deed="Remove from the project"
      opened
      onClose={onClose}
      onConfirm={() => deed.mutate(undefined)}
      isRunning={deed.isPending}
      error={deed.error}
    >
      <Text size="sm">
        {name} will not reach {project.team}/{project.name} from the next question on
        {project.visibility === 'restricted' ? '' : ', but for what its visibility gives'}. They can be added again.
      </Text>
    </ConfirmDeed>
  )
}
