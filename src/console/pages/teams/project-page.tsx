import { Button } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconEye, IconPencil, IconTrash } from '@tabler/icons-react'
import { ManagedBadge } from '../../parts/badges.tsx'
import { Copyable } from '../../parts/copy.tsx'
import { Facts } from '../../parts/facts.tsx'
import { LookOnly } from '../../parts/look-only.tsx'
import { Page } from '../../parts/page.tsx'
import { PageLink } from '../../parts/page-link.tsx'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { RelativeTime } from '../../parts/relative-time.tsx'
import { Section } from '../../parts/section.tsx'
import { Trail } from '../../parts/trail.tsx'
import { projectRoute } from '../../router.ts'
import { useList } from '../../wire/lists.ts'
import { useObject } from '../../wire/objects.ts'
import { mayChange, mayChangeTeam } from '../../wire/rights.ts'
import { useSession } from '../../wire/session.ts'
import type { Project, ProjectMember } from '../../wire/shapes.ts'
import { ChangeVisibility } from './change-visibility.tsx'
import { DeleteProject } from './delete-project.tsx'
import { EditProject } from './edit-project.tsx'
import { ProjectMembers } from './project-members.tsx'
import { visibilities } from './visibility.ts'
import { VisibilityBadge } from './visibility-badge.tsx'

export function ProjectPage() {
  const params = projectRoute.useParams()
  const { org, team } = params
  const path = `/orgs/${org}/teams/${team}/projects/${params.project}`
  const { data: project, error, refetch, isPending } = useObject<Project>(path)
  const members = useList<ProjectMember>(`${path}/members`, {}, { limit: 200 })
  const { me } = useSession()
  const [isShifting, shifting] = useDisclosure()
  const [isRenaming, renaming] = useDisclosure()
  const [isDeleting, deleting] = useDisclosure()
  const isTeams = project !== undefined && mayChangeTeam(me, project.team)
  // An admin of a restricted project runs it too.
  const own = members.rows.find(({ principal }) => principal.id === me.id)
  const isAdmin =
    isTeams || (project?.visibility === 'restricted' && me.type === 'user' && mayChange(me) && own?.role === 'admin')
  return (
    <Page
      title={project?.name ?? params.project}
      trail={
        <Trail>
          <PageLink to="/$org/$team/projects" params={{ org, team }} size="sm">
            Projects of {project?.team ?? team}
          </PageLink>
        </Trail>
      }
      about="A project"
      badges={
        project && (
          <>
            <VisibilityBadge visibility={project.visibility} />
            <ManagedBadge by={project.managed_by} />
          </>
        )
      }
      actions={
        <>
          {isAdmin && (
            <Button variant="default" leftSection={<IconEye size={16} />} onClick={shifting.open}>
              Change visibility
            </Button>
          )}
          {isTeams && (
            <Button variant="default" leftSection={<IconPencil size={16} />} onClick={renaming.open}>
              Rename
            </Button>
          )}
          {isTeams && (
            <Button variant="default" leftSection={<IconTrash size={16} />} onClick={deleting.open}>
              Delete project
            </Button>
          )}
        </>
      }
    >
      {project && !isAdmin && !members.isLoading && (
        <LookOnly>
          It is changed by admins of the team{project.visibility === 'restricted' && ', and by its own'}.
        </LookOnly>
      )}
      {error && <ProblemAlert error={error} retry={() => void refetch()} />}
      {/* Whether somebody administers it is known by its members. */}
      {(isPending || (project && members.isLoading)) && (
        <div role="status" aria-label="Loading the project" style={{ minHeight: '16rem' }} />
      )}
      {project && (
        <>
          <Section title="About">
            <Facts
              rows={[
                ['Jobs call it', <Copyable key="name" text={`${project.team}/${project.name}`} what="project" />],
                ['Who reaches it', visibilities.find(({ value }) => value === project.visibility)?.about],
                ['Id', <Copyable key="id" text={project.id} what="id" />],
                ['Created', <RelativeTime key="created" at={project.created_at} />],
                ['Changed', <RelativeTime key="changed" at={project.updated_at} />],
              ]}
            />
          </Section>
          <ProjectMembers org={org} team={team} project={project} list={members} isAdmin={isAdmin} />
          {isShifting && <ChangeVisibility path={path} project={project} onClose={shifting.close} />}
          {isRenaming && <EditProject org={org} team={team} id={project.id} onClose={renaming.close} />}
          {isDeleting && (
            <DeleteProject org={org} team={team} project={project} members={members} onClose={deleting.close} />
          )}
        </>
      )}
    </Page>
  )
}
