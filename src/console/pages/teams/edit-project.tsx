import { TextInput } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { EditDialog } from '../../parts/edit-dialog.tsx'
import { ManagedNotice } from '../../parts/managed-notice.tsx'
import { useEdit } from '../../parts/use-edit.ts'
import type { Project } from '../../wire/shapes.ts'

type Props = { org: string; team: string; id: string; onClose: () => void }

export function EditProject({ org, team, id, onClose }: Props) {
  const navigate = useNavigate()
  const [isForced, setForced] = useState(false)
  const { form, was, dialog } = useEdit<Project, { name: string }>({
    path: `/orgs/${org}/teams/${team}/projects/${id}`,
    empty: { name: '' },
    valuesOf: ({ name }) => ({ name }),
    bodyOf: ({ name }) => ({ name }),
    force: isForced,
    fieldOf: { name_taken: 'name' },
    says: ({ name }) => `The project is called ${name} now`,
    onDone: ({ name }) => {
      onClose()
      void navigate({ to: '/$org/$team/projects/$project', params: { org, team, project: name }, replace: true })
    },
  })
  return (
    <EditDialog title="Rename project" onClose={onClose} {...dialog}>
      <ManagedNotice by={was?.managed_by ?? null} isForced={isForced} onForce={setForced} />
      <TextInput
        label="Name"
        description={
          was?.visibility === 'restricted'
            ? 'Its members come along. The old name stays restricted until it is freed.'
            : 'Jobs that go on to use the old name then log to a project that nobody has made.'
        }
        required
        autoComplete="off"
        spellCheck={false}
        {...form.getInputProps('name')}
      />
    </EditDialog>
  )
}
