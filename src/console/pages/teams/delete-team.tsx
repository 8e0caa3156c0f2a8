import { Alert, Stack, Text } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { Affected } from '../../parts/affected.tsx'
import { ConfirmDeed } from '../../parts/confirm-deed.tsx'
import { ManagedNotice } from '../../parts/managed-notice.tsx'
import { useDeed } from '../../wire/deeds.ts'
import { useList } from '../../wire/lists.ts'
import { api } from '../../wire/request.ts'
import type { Project, ServiceAccount, Team, TeamMember } from '../../wire/shapes.ts'

const whole = { limit: 200 }

export function DeleteTeam({ org, team, onClose }: { org: string; team: Team; onClose: () => void }) {
  const navigate = useNavigate()
  const [isForced, setForced] = useState(false)
  const path = `/orgs/${org}/teams/${team.id}`
  const accounts = useList<ServiceAccount>(`${path}/service-accounts`, {}, whole)
  const projects = useList<Project>(`${path}/projects`, {}, whole)
  const members = useList<TeamMember>(`${path}/members`, {}, whole)
  const restricted = projects.rows.filter(({ visibility }) => visibility === 'restricted')
  const deed = useDeed(() => api.delete(path, isForced ? { force: 'true' } : {}), {
    says: () => `Team ${team.name} is deleted`,
    onDone: () => void navigate({ to: '/$org/teams', params: { org } }),
  })
  return (
    <ConfirmDeed
      title="Delete team"
      deed="Delete team"
      typed={team.name}
      opened
      onClose={onClose}
      onConfirm={() => deed.mutate(undefined)}
      isRunning={deed.isPending}
      error={deed.error}
    >
      <Stack gap="xs">
        <Text size="sm">This cannot be undone. With the team {team.name} go:</Text>
        <Affected
          list={accounts}
          one="service account"
          name={({ name }) => name}
          fate="their keys and tokens stop working at once"
        />
        <Affected list={projects} one="project" name={({ name }) => name} />
        <Affected
          list={members}
          one="member"
          name={({ user }) => user.username}
          fate="they stay users of the organization"
        />
        {restricted.length > 0 && (
          <Alert color="yellow" title="It will be refused as it is">
            <Text size="sm">
              The team has restricted projects: {restricted.map(({ name }) => name).join(', ')}. Delete them and free
              their names first.
            </Text>
          </Alert>
        )}
        <Text size="sm" c="dimmed">
          A team with restricted projects, or that is the default team of an account of the organization, is kept: give
          them up first.
        </Text>
        <ManagedNotice by={team.managed_by} isForced={isForced} onForce={setForced} />
      </Stack>
    </ConfirmDeed>
  )
}
