import { TextInput } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { EditDialog } from '../../parts/edit-dialog.tsx'
import { ManagedNotice } from '../../parts/managed-notice.tsx'
import { useEdit } from '../../parts/use-edit.ts'
import type { Team } from '../../wire/shapes.ts'

/** By its id: its name may change under it. */
export function EditTeam({ org, id, onClose }: { org: string; id: string; onClose: () => void }) {
  const navigate = useNavigate()
  const [isForced, setForced] = useState(false)
  const { form, was, dialog } = useEdit<Team, { name: string; display_name: string }>({
    path: `/orgs/${org}/teams/${id}`,
    empty: { name: '', display_name: '' },
    valuesOf: ({ name, display_name }) => ({ name, display_name: display_name ?? '' }),
    bodyOf: ({ name, display_name }) => ({ name, display_name: display_name === '' ? null : display_name }),
    force: isForced,
    fieldOf: { name_taken: 'name', in_use: 'name' },
    says: ({ name }) => `Team ${name} is saved`,
    onDone: (team) => {
      onClose()
      void navigate({ to: '.', params: { org, team: team.name }, search: true, replace: true })
    },
  })
  return (
    <EditDialog title="Edit team" onClose={onClose} {...dialog}>
      <ManagedNotice by={was?.managed_by ?? null} isForced={isForced} onForce={setForced} />
      <TextInput
        label="Name"
        description="Jobs that name team/project have to say the new name from then on."
        required
        autoComplete="off"
        spellCheck={false}
        {...form.getInputProps('name')}
      />
      <TextInput
        label="Display name"
        description="For people; may be left out."
        maxLength={200}
        autoComplete="off"
        {...form.getInputProps('display_name')}
      />
    </EditDialog>
  )
}
