import { Text } from '@mantine/core'
import { ChoiceDialog } from '../../parts/choice-dialog.tsx'
import { ConfirmDeed } from '../../parts/confirm-deed.tsx'
import { useDeed } from '../../wire/deeds.ts'
import { api } from '../../wire/request.ts'
import type { Role, Team, TeamMember } from '../../wire/shapes.ts'
import { teamRoles } from './roles.ts'

type Props = { org: string; team: Team; member: TeamMember; onClose: () => void }
const pathOf = ({ org, team, member }: Props) => `/orgs/${org}/teams/${team.id}/members/${member.id}`

export function MemberRole(props: Props) {
  const { team, member, onClose } = props
  const { username } = member.user
  const deed = useDeed((role: Role) => api.put<TeamMember>(pathOf(props), { role }), {
    says: ({ role }) => `${username} is ${role} of ${team.name}`,
    onDone: onClose,
  })
  return (
    <ChoiceDialog
      title={`Role of ${username}`}
      label={`What ${username} may do in ${team.name}`}
      choices={teamRoles}
      current={member.role}
      warning={(role) =>
        role === 'admin'
          ? `${username} will be able to make service accounts and keys, and to say whom they trust.`
          : member.role === 'admin' && `${username} will no longer run the team.`
      }
      deed={(role) => (role === 'admin' && member.role !== 'admin' ? 'Make admin' : 'Save role')}
      onClose={onClose}
      onChoose={(role) => deed.mutate(role)}
      isRunning={deed.isPending}
      error={deed.error}
    />
  )
}

export function RemoveMember(props: Props) {
  const { team, member, onClose } = props
  const { username } = member.user
  const deed = useDeed(() => api.delete(pathOf(props)), {
    says: () => `${username} is no longer in ${team.name}`,
    onDone: onClose,
  })
  return (
    <ConfirmDeed
      title={`Remove ${username}`}
      deed="Remove from the team"
      opened
      onClose={onClose}
      onConfirm={() => deed.mutate(undefined)}
      isRunning={deed.isPending}
      error={deed.error}
    >
      <Text size="sm">
        {username} will not reach the projects of {team.name} any more, but for those that are open or public, and
        restricted ones with a role of their own. They stay a user of the organization, and can be added again.
      </Text>
    </ConfirmDeed>
  )
}
