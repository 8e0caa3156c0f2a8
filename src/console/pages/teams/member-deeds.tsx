import { Text } from '@mantine/core'
import type { TeamMember } from '../../wire/shapes.ts'
import { type Asked, ChangeRole, Remove } from './membership.tsx'
import { teamRoles } from './roles.ts'

/** `path`: of all members; `team`: its name. */
type Props = { path: string; team: string; asked: Asked<TeamMember>; onClose: () => void }

/** Of somebody in a team. */
export function MemberDeed({ path, team, asked: { deed, member }, onClose }: Props) {
  const { username } = member.user
  const membership = { path: `${path}/${member.id}`, name: username, of: team, onClose }
  if (deed === 'remove')
    return (
      <Remove {...membership} from="team">
        <Text size="sm">
          {username} will not reach the projects of {team} any more, but for those that are open or public, and
          restricted ones with a role of their own. They stay a user of the organization, and can be added again.
        </Text>
      </Remove>
    )
  return (
    <ChangeRole
      {...membership}
      choices={teamRoles}
      current={member.role}
      warning={(role) =>
        role === 'admin'
          ? `${username} will be able to make service accounts and keys, and to say whom they trust.`
          : member.role === 'admin' && `${username} will no longer run the team.`
      }
      deed={(role) => (role === 'admin' && member.role !== 'admin' ? 'Make admin' : 'Save role')}
    />
  )
}
