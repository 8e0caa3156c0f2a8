import { TextInput } from '@mantine/core'
import { useState } from 'react'
import { EditDialog } from '../../parts/edit-dialog.tsx'
import { ManagedNotice } from '../../parts/managed-notice.tsx'
import { useEdit } from '../../parts/use-edit.ts'
import type { ResourceServer } from '../../wire/shapes.ts'

export function EditServer({ org, id, onClose }: { org: string; id: string; onClose: () => void }) {
  const [isForced, setForced] = useState(false)
  const { form, was, dialog } = useEdit<ResourceServer, { name: string }>({
    path: `/orgs/${org}/resource-servers/${id}`,
    empty: { name: '' },
    valuesOf: ({ name }) => ({ name }),
    bodyOf: (values) => values,
    force: isForced,
    fieldOf: { name_taken: 'name' },
    says: ({ name }) => `The resource server is called ${name} now`,
    onDone: onClose,
  })
  return (
    <EditDialog title="Rename resource server" onClose={onClose} {...dialog}>
      <ManagedNotice by={was?.managed_by ?? null} isForced={isForced} onForce={setForced} />
      <TextInput
        label="Name"
        description="For people. Tokens bear the audience, which stays."
        required
        autoComplete="off"
        spellCheck={false}
        {...form.getInputProps('name')}
      />
    </EditDialog>
  )
}
