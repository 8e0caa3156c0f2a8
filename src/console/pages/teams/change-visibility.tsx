import { List, Stack } from '@mantine/core'
import { useState } from 'react'
import { ChoiceDialog } from '../../parts/choice-dialog.tsx'
import { ManagedNotice } from '../../parts/managed-notice.tsx'
import { useDeed } from '../../wire/deeds.ts'
import { api } from '../../wire/request.ts'
import type { Project, Visibility } from '../../wire/shapes.ts'
import { shiftOf, visibilities, visibilityLabel } from './visibility.ts'

type Props = { path: string; project: Project; onClose: () => void }

export function ChangeVisibility({ path, project, onClose }: Props) {
  const [isForced, setForced] = useState(false)
  const deed = useDeed(
    (visibility: Visibility) => api.patch<Project>(path, { visibility }, isForced ? { force: 'true' } : {}),
    {
      says: ({ name, visibility }) => `${name} is ${visibilityLabel(visibility).toLowerCase()} now`,
      onDone: onClose,
    },
  )
  return (
    <ChoiceDialog
      title={`Visibility of ${project.name}`}
      label="Visibility"
      choices={visibilities}
      current={project.visibility}
      warning={(to) => <Shifted from={project.visibility} to={to} />}
      deed={(to) => (shiftOf(project.visibility, to).gains.length > 0 ? 'Open it up' : 'Save visibility')}
      onClose={onClose}
      onChoose={(visibility) => deed.mutate(visibility)}
      isRunning={deed.isPending}
      error={deed.error}
    >
      <ManagedNotice by={project.managed_by} isForced={isForced} onForce={setForced} />
    </ChoiceDialog>
  )
}

function Shifted({ from, to }: { from: Visibility; to: Visibility }) {
  const { gains, loses } = shiftOf(from, to)
  return (
    <Stack gap={4}>
      {gains.length > 0 && <b>This opens the project. It counts from the next question on:</b>}
      <List size="sm">
        {[...gains, ...loses].map((text) => (
          <List.Item key={text}>{text}</List.Item>
        ))}
      </List>
    </Stack>
  )
}
