import { Badge, Button, Text } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { type Column, DataList } from '../../parts/data-list.tsx'
import { Empty } from '../../parts/empty.tsx'
import { RelativeTime } from '../../parts/relative-time.tsx'
import { Section } from '../../parts/section.tsx'
import type { List } from '../../wire/lists.ts'
import { mayChangeTeam } from '../../wire/rights.ts'
import { useSession } from '../../wire/session.ts'
import type { Project, ProjectMember } from '../../wire/shapes.ts'
import { AddProjectMemberPanel } from './add-project-member.tsx'
import { type Asked, memberDeeds } from './membership.tsx'
import { ProjectMemberDeed } from './project-member-deeds.tsx'
import { labelOf, projectRoles } from './roles.ts'

type Props = { org: string; team: string; project: Project; list: List<ProjectMember>; isAdmin: boolean }

export function ProjectMembers({ org, team, project, list, isAdmin }: Props) {
  const { me } = useSession()
  const [isAdding, setAdding] = useState(false)
  const [asked, ask] = useState<Asked<ProjectMember>>()
  const isRestricted = project.visibility === 'restricted'
  // Elsewhere a role adds nothing; who is in the list was added before.
  if (!isRestricted && list.rows.length === 0) return null
  const path = `/orgs/${org}/teams/${team}/projects/${project.id}/members`
  const columns: Column<ProjectMember>[] = [
    { title: 'Member', isMain: true, cell: ({ principal }) => <b>{principal.name}</b> },
    {
      title: 'Kind',
      cell: ({ principal }) =>
        principal.type === 'user' ? (
          <span>
            User{' '}
            <Text span c="dimmed" size="sm">
              {principal.email}
            </Text>
          </span>
        ) : (
          <Badge color="grape">Service account</Badge>
        ),
    },
    { title: 'Role', width: '8rem', cell: ({ role }) => labelOf(projectRoles, role) },
    { title: 'Added', width: '10rem', cell: ({ created_at }) => <RelativeTime at={created_at} /> },
  ]
  if (isAdmin) columns.push(memberDeeds(({ principal }) => principal.name, ask))
  const add = isAdmin && isRestricted && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
      Add to the project
    </Button>
  )
  return (
    <Section
      title="Who is in"
      about={
        isRestricted
          ? 'Users and service accounts, each with a role. Nobody else reaches the project.'
          : 'They were added while the project was restricted. As it is now, these roles add nothing.'
      }
      actions={add}
    >
      <DataList
        label="Members of the project"
        list={list}
        columns={columns}
        rowKey={({ id }) => id}
        empty={<Empty title="Nobody is in">Add the people and the service accounts that are to reach it.</Empty>}
      />
      {isAdding && (
        <AddProjectMemberPanel
          org={org}
          project={project}
          path={path}
          isTeamAdmin={mayChangeTeam(me, project.team)}
          onClose={() => setAdding(false)}
        />
      )}
      {asked && <ProjectMemberDeed path={path} project={project} asked={asked} onClose={() => ask(undefined)} />}
    </Section>
  )
}
