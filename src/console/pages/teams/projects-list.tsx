import { Accordion, Group } from '@mantine/core'
import type { ReactNode } from 'react'
import { ManagedBadge } from '../../parts/badges.tsx'
import { type Column, DataList } from '../../parts/data-list.tsx'
import { Empty } from '../../parts/empty.tsx'
import { PageLink } from '../../parts/page-link.tsx'
import { RelativeTime } from '../../parts/relative-time.tsx'
import { useList } from '../../wire/lists.ts'
import type { Project } from '../../wire/shapes.ts'
import { visibilities } from './visibility.ts'
import { VisibilityBadge } from './visibility-badge.tsx'
import { VisibilityTable } from './visibility-table.tsx'

type Props = { org: string; team: string; q: string | undefined; create: ReactNode }

export function ProjectsList({ org, team, q, create }: Props) {
  const list = useList<Project>(`/orgs/${org}/teams/${team}/projects`, { q })
  const params = { org, team }
  const columns: Column<Project>[] = [
    {
      title: 'Name',
      isMain: true,
      cell: (project) => (
        <Group gap="xs">
          <PageLink to="/$org/$team/projects/$project" params={{ ...params, project: project.name }} fw={600}>
            {project.name}
          </PageLink>
          <ManagedBadge by={project.managed_by} />
        </Group>
      ),
    },
    { title: 'Visibility', width: '9rem', cell: ({ visibility }) => <VisibilityBadge visibility={visibility} /> },
    {
      title: 'Who reaches it',
      cell: ({ visibility }) => visibilities.find(({ value }) => value === visibility)?.about,
    },
    { title: 'Created', width: '10rem', cell: ({ created_at }) => <RelativeTime at={created_at} /> },
  ]
  return (
    <>
      <DataList
        label="Projects"
        list={list}
        columns={columns}
        rowKey={({ id }) => id}
        isFiltered={q !== undefined}
        empty={
          <Empty title="No projects yet" action={create}>
            Jobs may log to a project that nobody has made: it is judged as one of the team. Make one to say otherwise.
          </Empty>
        }
        noResults={
          <Empty title="No project fits" isSearch>
            No project of the team has this in its name.
          </Empty>
        }
      />
      {/* Below a list that has come: it would be moved by one that comes. */}
      {!list.isLoading && (
        <Accordion variant="contained" order={2}>
          <Accordion.Item value="visibility">
            <Accordion.Control>What each visibility means for whom</Accordion.Control>
            <Accordion.Panel>
              <VisibilityTable />
            </Accordion.Panel>
          </Accordion.Item>
        </Accordion>
      )}
    </>
  )
}
