import { TextInput } from '@mantine/core'
import { EditDialog } from '../../parts/edit-dialog.tsx'
import { useEdit } from '../../parts/use-edit.ts'
import type { User } from '../../wire/shapes.ts'
import type { UserDeed } from './user-actions.tsx'

export function EditUser({ org, user, onClose }: UserDeed) {
  const { form, dialog } = useEdit<User, { username: string; email: string }>({
    path: `/orgs/${org}/users/${user.id}`,
    empty: { username: '', email: '' },
    valuesOf: ({ username, email }) => ({ username, email }),
    bodyOf: (values) => values,
    says: ({ username }) => `User ${username} is saved`,
    onDone: onClose,
  })
  return (
    <EditDialog title="Edit user" onClose={onClose} {...dialog}>
      <TextInput
        label="User name"
        description="Runs are attributed to people by this name, or by their address."
        required
        autoComplete="off"
        spellCheck={false}
        {...form.getInputProps('username')}
      />
      <TextInput
        label="E-mail address"
        description="By this, single sign-on knows them."
        type="email"
        required
        autoComplete="off"
        {...form.getInputProps('email')}
      />
    </EditDialog>
  )
}
