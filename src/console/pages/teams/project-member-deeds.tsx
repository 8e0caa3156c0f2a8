import { Text } from '@mantine/core'
import type { Project, ProjectMember } from '../../wire/shapes.ts'
import { type Asked, ChangeRole, Remove } from './membership.tsx'
import { projectRoles } from './roles.ts'

/** `path`: of all members. */
type Props = { path: string; project: Project; asked: Asked<ProjectMember>; onClose: () => void }

/** Of a user or an account in a project. */
export function ProjectMemberDeed({ path, project, asked: { deed, member }, onClose }: Props) {
  const { name, type } = member.principal
  const membership = { path: `${path}/${member.id}`, name, of: project.name, onClose }
  if (deed === 'remove')
    return (
      <Remove {...membership} from="project">
        <Text size="sm">
          {name} will not reach {project.team}/{project.name} from the next question on
          {project.visibility === 'restricted' ? '' : ', but for what its visibility gives'}. They can be added again.
        </Text>
      </Remove>
    )
  return (
    <ChangeRole
      {...membership}
      choices={projectRoles}
      current={member.role}
      warning={(role) => role === 'admin' && type === 'user' && `${name} will be able to add others and to open it.`}
      deed={(role) => (role === 'admin' ? 'Make admin' : 'Save role')}
    />
  )
}
