import { ChoiceDialog } from '../../parts/choice-dialog.tsx'
import { useDeed } from '../../wire/deeds.ts'
import { useTagged } from '../../wire/objects.ts'
import { api } from '../../wire/request.ts'
import { useSession } from '../../wire/session.ts'
import type { Role, User } from '../../wire/shapes.ts'
import type { UserDeed } from './user-actions.tsx'
import { userRoles } from './user-roles.ts'

export function UserRole({ org, user, onClose }: UserDeed) {
  const { me } = useSession()
  const path = `/orgs/${org}/users/${user.id}`
  const { data } = useTagged<User>(path)
  const deed = useDeed((role: Role) => api.patch<User>(path, { role }, {}, data?.etag), {
    says: ({ username, role }) => `${username} is ${role} of the organization`,
    onDone: onClose,
  })
  const name = user.username
  const warnings: Record<Role, string | false> = {
    admin: `${name} will be able to do everything in the organization: add and delete people, issuers and accounts, and make keys.`,
    member: user.role === 'admin' && `${name} will no longer run the organization.`,
    viewer: `${name} will only look and read. Their tokens end at once; their keys stay.`,
  }
  return (
    <ChoiceDialog
      title={`Role of ${name}`}
      label={`What ${name} may do in the organization`}
      choices={userRoles}
      current={user.role}
      warning={(role) => [warnings[role], me.id === user.id && 'This is you.'].filter(Boolean).join(' ')}
      deed={(role) => (role === 'admin' && user.role !== 'admin' ? `Make ${name} an admin` : 'Save role')}
      onClose={onClose}
      onChoose={(role) => deed.mutate(role)}
      isRunning={deed.isPending || data === undefined}
      error={deed.error}
    />
  )
}
