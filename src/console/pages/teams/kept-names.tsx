import { Button, Text } from '@mantine/core'
import { useState } from 'react'
import { ConfirmDeed } from '../../parts/confirm-deed.tsx'
import { type Column, DataList } from '../../parts/data-list.tsx'
import { Empty } from '../../parts/empty.tsx'
import { RelativeTime } from '../../parts/relative-time.tsx'
import { useDeed } from '../../wire/deeds.ts'
import { useList } from '../../wire/lists.ts'
import { api } from '../../wire/request.ts'
import type { Project } from '../../wire/shapes.ts'

type Props = { org: string; team: string; q: string | undefined; mayChange: boolean }

/** Names of restricted projects that are deleted: nobody is in, until they are freed. */
export function KeptNames({ org, team, q, mayChange }: Props) {
  const path = `/orgs/${org}/teams/${team}/projects`
  const list = useList<Project>(path, { deleted: 'true', q })
  const [freed, setFreed] = useState<Project>()
  const close = () => setFreed(undefined)
  const deed = useDeed(({ name }: Project) => api.post<void>(`${path}/${name}/free`), {
    says: () => 'The name is free',
    onDone: close,
  })
  const columns: Column<Project>[] = [
    { title: 'Name', isMain: true, cell: ({ name }) => <b>{name}</b> },
    { title: 'Deleted', width: '10rem', cell: ({ deleted_at }) => <RelativeTime at={deleted_at} /> },
  ]
  if (mayChange)
    columns.push({
      title: 'Actions',
      width: '9rem',
      align: 'right',
      cell: (project) => (
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => {
            deed.reset()
            setFreed(project)
          }}
          aria-label={`Free name ${project.name}`}
        >
          Free name
        </Button>
      ),
    })
  return (
    <>
      <Text size="sm" c="dimmed">
        A restricted project that was deleted or renamed leaves its name behind, and nobody reaches what is called so:
        deleting must never open.
      </Text>
      <DataList
        label="Kept names"
        list={list}
        columns={columns}
        rowKey={({ id }) => id}
        isFiltered={q !== undefined}
        empty={<Empty title="No kept names">No restricted project of this team was deleted or renamed.</Empty>}
        noResults={<Empty title="No kept name fits" isSearch />}
      />
      {freed && (
        <ConfirmDeed
          title={`Free ${freed.name}`}
          deed="Free name"
          opened
          onClose={close}
          onConfirm={() => deed.mutate(freed)}
          isRunning={deed.isPending}
          error={deed.error}
        >
          <Text size="sm">
            From then on {team}/{freed.name} is judged as a project that nobody has made: the team and its service
            accounts reach it, and may log to it.
          </Text>
        </ConfirmDeed>
      )}
    </>
  )
}
