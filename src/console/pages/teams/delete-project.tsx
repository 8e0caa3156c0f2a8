import { Stack, Text } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { Affected } from '../../parts/affected.tsx'
import { ConfirmDeed } from '../../parts/confirm-deed.tsx'
import { ManagedNotice } from '../../parts/managed-notice.tsx'
import { useDeed } from '../../wire/deeds.ts'
import type { List } from '../../wire/lists.ts'
import { api } from '../../wire/request.ts'
import type { Project, ProjectMember } from '../../wire/shapes.ts'

type Props = { org: string; team: string; project: Project; members: List<ProjectMember>; onClose: () => void }

export function DeleteProject({ org, team, project, members, onClose }: Props) {
  const navigate = useNavigate()
  const [isForced, setForced] = useState(false)
  const deed = useDeed(
    () => api.delete(`/orgs/${org}/teams/${team}/projects/${project.id}`, isForced ? { force: 'true' } : {}),
    {
      says: () => `Project ${project.name} is deleted`,
      onDone: () => void navigate({ to: '/$org/$team/projects', params: { org, team } }),
    },
  )
  const isRestricted = project.visibility === 'restricted'
  return (
    <ConfirmDeed
      title="Delete project"
      deed="Delete project"
      typed={project.name}
      opened
      onClose={onClose}
      onConfirm={() => deed.mutate(undefined)}
      isRunning={deed.isPending}
      error={deed.error}
    >
      <Stack gap="xs">
        <Text size="sm">
          {isRestricted
            ? `This cannot be undone. Nobody reaches ${project.team}/${project.name} any more, and its name stays restricted until an admin of the team frees it.`
            : `This cannot be undone. ${project.team}/${project.name} is judged from then on as a project that nobody has made: the team and its service accounts reach it, and nobody else.`}
        </Text>
        {isRestricted && (
          <Affected list={members} one="member" name={({ principal }) => principal.name} fate="they lose it at once" />
        )}
        <ManagedNotice by={project.managed_by} isForced={isForced} onForce={setForced} />
      </Stack>
    </ConfirmDeed>
  )
}
