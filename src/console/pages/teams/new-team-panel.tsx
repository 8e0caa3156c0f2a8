import { Button, Group, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useNavigate } from '@tanstack/react-router'
import { FormBesideCode } from '../../parts/form-beside-code.tsx'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { SidePanel } from '../../parts/side-panel.tsx'
import { useDeed } from '../../wire/deeds.ts'
import { fieldErrors } from '../../wire/field-errors.ts'
import { api } from '../../wire/request.ts'
import type { Team } from '../../wire/shapes.ts'
import { newTeamCodes } from './team-codes.ts'

type Props = { org: string; opened: boolean; onClose: () => void }

export function NewTeamPanel({ org, opened, onClose }: Props) {
  return (
    <SidePanel title="New team" opened={opened} onClose={onClose}>
      <NewTeam org={org} onClose={onClose} />
    </SidePanel>
  )
}

function NewTeam({ org, onClose }: Omit<Props, 'opened'>) {
  const navigate = useNavigate()
  const form = useForm({ initialValues: { name: '', display_name: '' } })
  const deed = useDeed(
    ({ name, display_name }: typeof form.values) =>
      api.post<Team>(`/orgs/${org}/teams`, { name, ...(display_name === '' ? {} : { display_name }) }),
    {
      says: ({ name }) => `Team ${name} is there`,
      onDone: (team) => void navigate({ to: '/$org/$team/service-accounts', params: { org, team: team.name } }),
    },
  )
  const { name, display_name } = form.values
  return (
    <FormBesideCode codes={newTeamCodes(org, name || 'NAME', display_name)}>
      <form
        onSubmit={form.onSubmit((values) =>
          deed.mutate(values, {
            onError: (problem) => form.setErrors(fieldErrors(problem, { name_taken: 'name' })),
          }),
        )}
      >
        <Stack>
          <TextInput
            label="Name"
            description="a-z, 0-9, - and _. Jobs name a project as team/project."
            placeholder="ml"
            required
            data-autofocus
            autoComplete="off"
            spellCheck={false}
            {...form.getInputProps('name')}
          />
          <TextInput
            label="Display name"
            description="For people; may be left out."
            placeholder="Machine learning"
            maxLength={200}
            autoComplete="off"
            {...form.getInputProps('display_name')}
          />
          <ProblemAlert error={deed.error} title="Not created" />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={deed.isPending}>
              Create team
            </Button>
          </Group>
        </Stack>
      </form>
    </FormBesideCode>
  )
}
