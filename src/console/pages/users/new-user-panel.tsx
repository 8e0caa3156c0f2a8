import { Button, Group, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useNavigate } from '@tanstack/react-router'
import { Choices } from '../../parts/choice-dialog.tsx'
import { FormBesideCode } from '../../parts/form-beside-code.tsx'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { SidePanel } from '../../parts/side-panel.tsx'
import { useDeed } from '../../wire/deeds.ts'
import { fieldErrors } from '../../wire/field-errors.ts'
import { api } from '../../wire/request.ts'
import type { Role, User } from '../../wire/shapes.ts'
import { newUserCodes } from './user-codes.ts'
import { userRoles } from './user-roles.ts'

type Props = { org: string; opened: boolean; onClose: () => void }

export function NewUserPanel({ org, opened, onClose }: Props) {
  return (
    <SidePanel title="New user" opened={opened} onClose={onClose}>
      <NewUser org={org} onClose={onClose} />
    </SidePanel>
  )
}

type Values = { username: string; email: string; role: Role }

function NewUser({ org, onClose }: Omit<Props, 'opened'>) {
  const navigate = useNavigate()
  const form = useForm<Values>({ initialValues: { username: '', email: '', role: 'member' } })
  const deed = useDeed((values: Values) => api.post<User>(`/orgs/${org}/users`, values), {
    says: ({ username }) => `User ${username} is there`,
    onDone: ({ id }) => void navigate({ to: '/$org/users/$user', params: { org, user: id } }),
  })
  const { username, email, role } = form.values
  return (
    <FormBesideCode codes={newUserCodes(org, username || 'NAME', email || 'ADDRESS', role)}>
      <form
        onSubmit={form.onSubmit((values) =>
          deed.mutate(values, { onError: (problem) => form.setErrors(fieldErrors(problem)) }),
        )}
      >
        <Stack>
          <TextInput
            label="User name"
            description="a-z, 0-9, - and _"
            placeholder="grace"
            required
            data-autofocus
            autoComplete="off"
            spellCheck={false}
            {...form.getInputProps('username')}
          />
          <TextInput
            label="E-mail address"
            description="By this, single sign-on knows them."
            type="email"
            placeholder="grace@acme.example"
            required
            autoComplete="off"
            {...form.getInputProps('email')}
          />
          <Choices
            label="Role in the organization"
            choices={userRoles}
            value={role}
            onChange={(to) => form.setFieldValue('role', to)}
          />
          <ProblemAlert error={deed.error} title="Not created" />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={deed.isPending}>
              Create user
            </Button>
          </Group>
        </Stack>
      </form>
    </FormBesideCode>
  )
}
