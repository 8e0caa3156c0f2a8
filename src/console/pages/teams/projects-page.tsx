import { Alert, Group } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { LookOnly } from '../../parts/look-only.tsx'
import { PageButton } from '../../parts/page-link.tsx'
import { SearchField } from '../../parts/search-field.tsx'
import { projectsRoute } from '../../router.ts'
import { useObject } from '../../wire/objects.ts'
import { isOfTeam, isTeamAdmin, mayChangeTeam } from '../../wire/rights.ts'
import { useSession } from '../../wire/session.ts'
import type { Team } from '../../wire/shapes.ts'
import { KeptNames } from './kept-names.tsx'
import { NewProjectPanel } from './new-project-panel.tsx'
import { ProjectsList } from './projects-list.tsx'
import { TeamFrame } from './team-frame.tsx'

export function ProjectsPage() {
  const { org, team } = projectsRoute.useParams()
  const search = projectsRoute.useSearch()
  const navigate = projectsRoute.useNavigate()
  const { me } = useSession()
  const { data } = useObject<Team>(`/orgs/${org}/teams/${team}`)
  // Roles are known by the team's name, which the address nearly always has: nothing waits for the team.
  const name = data?.name ?? team
  const mayLook = isOfTeam(me, name)
  const mayChange = mayChangeTeam(me, name)
  const isAdmin = isTeamAdmin(me, name)
  const params = { org, team }
  const isDeleted = search.deleted !== undefined && isAdmin
  const create = mayChange && (
    <PageButton
      to="/$org/$team/projects"
      params={params}
      search={{ ...search, new: '1' }}
      leftSection={<IconPlus size={16} />}
    >
      New project
    </PageButton>
  )
  return (
    <TeamFrame org={org} team={team} actions={create}>
      {data && !mayLook && (
        <Alert color="blue" title="You are not in this team">
          Its projects are listed to those who are in it, and to admins of the organization. Open and public ones you
          reach all the same.
        </Alert>
      )}
      {mayLook && !mayChange && (
        <LookOnly>
          Projects are made and changed by admins of the team. Restricted ones are listed to their members.
        </LookOnly>
      )}
      {mayLook && (
        <Group justify="space-between">
          <SearchField
            label={isDeleted ? 'Search kept names' : 'Search projects'}
            value={search.q ?? ''}
            onChange={(q) => void navigate({ search: (before) => ({ ...before, q }), replace: true })}
          />
          {isAdmin && (
            <PageButton
              to="/$org/$team/projects"
              params={params}
              search={isDeleted ? {} : { deleted: '1' }}
              variant="subtle"
            >
              {isDeleted ? 'Show the projects' : 'Show kept names of deleted projects'}
            </PageButton>
          )}
        </Group>
      )}
      {mayLook && !isDeleted && <ProjectsList org={org} team={name} q={search.q} create={create} />}
      {mayLook && isDeleted && <KeptNames org={org} team={name} q={search.q} mayChange={mayChange} />}
      {data && mayChange && (
        <NewProjectPanel
          org={org}
          team={data}
          opened={search.new !== undefined}
          onClose={() => void navigate({ search: ({ new: _, ...rest }) => rest, replace: true })}
        />
      )}
    </TeamFrame>
  )
}
