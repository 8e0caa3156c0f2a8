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
import type { Project, Team, Visibility } from '../../wire/shapes.ts'
import { newProjectCodes } from './team-codes.ts'
import { visibilities } from './visibility.ts'

type Props = { org: string; team: Team; opened: boolean; onClose: () => void }

export function NewProjectPanel({ opened, onClose, ...rest }: Props) {
  return (
    <SidePanel title="New project" opened={opened} onClose={onClose}>
      <NewProject onClose={onClose} {...rest} />
    </SidePanel>
  )
}

type Values = { name: string; visibility: Visibility }

function NewProject({ org, team, onClose }: Omit<Props, 'opened'>) {
  const navigate = useNavigate()
  const form = useForm<Values>({ initialValues: { name: '', visibility: 'team' } })
  const deed = useDeed((values: Values) => api.post<Project>(`/orgs/${org}/teams/${team.id}/projects`, values), {
    says: ({ name }) => `Project ${name} is there`,
    onDone: ({ name }) =>
      void navigate({
        to: '/$org/$team/projects/$project',
        params: { org, team: team.name, project: name },
      }),
  })
  const { name, visibility } = form.values
  return (
    <FormBesideCode codes={newProjectCodes(org, team.name, name || 'NAME', visibility)}>
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
            description={`a-z, 0-9, - and _. Jobs name it ${team.name}/NAME.`}
            placeholder="vision"
            required
            data-autofocus
            autoComplete="off"
            spellCheck={false}
            {...form.getInputProps('name')}
          />
          <Choices
            label="Visibility"
            choices={visibilities}
            value={visibility}
            onChange={(to) => form.setFieldValue('visibility', to)}
          />
          <ProblemAlert error={deed.error} title="Not created" />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={deed.isPending}>
              Create project
            </Button>
          </Group>
        </Stack>
      </form>
    </FormBesideCode>
  )
}
