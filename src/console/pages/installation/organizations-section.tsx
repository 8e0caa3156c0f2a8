import { Button } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { DataList } from '../../parts/data-list.tsx'
import { Empty } from '../../parts/empty.tsx'
import { PageLink } from '../../parts/page-link.tsx'
import { RelativeTime } from '../../parts/relative-time.tsx'
import { Section } from '../../parts/section.tsx'
import { useList } from '../../wire/lists.ts'
import type { Organization } from '../../wire/shapes.ts'
import { NewOrganization } from './new-organization.tsx'

export function OrganizationsSection() {
  const list = useList<Organization>('/orgs')
  const [isOpen, setOpen] = useState(false)
  const create = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setOpen(true)}>
      New organization
    </Button>
  )
  return (
    <Section title="Organizations" about="The tenants. None knows of another." actions={create}>
      <DataList
        label="Organizations"
        list={list}
        rowKey={({ id }) => id}
        columns={[
          {
            title: 'Name',
            isMain: true,
            cell: (org) => (
              <PageLink to="/$org" params={{ org: org.name }} fw={600}>
                {org.name}
              </PageLink>
            ),
          },
          { title: 'Display name', cell: ({ display_name }) => display_name ?? '' },
          { title: 'Created', width: '10rem', cell: ({ created_at }) => <RelativeTime at={created_at} /> },
        ]}
        empty={
          <Empty title="No organization yet" action={create}>
            An organization holds teams, users, issuers and service accounts.
          </Empty>
        }
      />
      {isOpen && <NewOrganization onClose={() => setOpen(false)} />}
    </Section>
  )
}
