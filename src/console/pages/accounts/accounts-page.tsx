import { Group, Select } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { DataList } from '../../parts/data-list.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Page } from '../../parts/page.tsx'
import { PageButton } from '../../parts/page-link.tsx'
import { SearchField } from '../../parts/search-field.tsx'
import { accountsRoute } from '../../router.ts'
import { useList } from '../../wire/lists.ts'
import { isOrgAdmin } from '../../wire/rights.ts'
import { useSession } from '../../wire/session.ts'
import type { ServiceAccount } from '../../wire/shapes.ts'
import { accountColumns } from './account-columns.tsx'

/** All service accounts of the organization, of its teams too. */
export function AccountsPage() {
  const { org } = accountsRoute.useParams()
  const search = accountsRoute.useSearch()
  const navigate = accountsRoute.useNavigate()
  const { me } = useSession()
  const { q, scope, team, method } = search
  const list = useList<ServiceAccount>(`/orgs/${org}/service-accounts`, { q, scope, team, method })
  const filter = (changes: Partial<typeof search>) =>
    void navigate({ search: (before) => ({ ...before, ...changes }), replace: true })
  const isFiltered = [q, scope, team, method].some((one) => one !== undefined)
  const create = isOrgAdmin(me) && (
    <PageButton
      to="/$org/service-accounts"
      params={{ org }}
      search={{ ...search, new: '1' }}
      leftSection={<IconPlus size={16} />}
    >
      New service account
    </PageButton>
  )
  return (
    <Page
      title="Service accounts"
      about="Non-human users: of the organization, and of its teams. A workload becomes one by its API key, or by a token of its own platform."
      actions={create}
    >
      <Group>
        <SearchField label="Search service accounts" value={q ?? ''} onChange={(value) => filter({ q: value })} />
        <Select
          aria-label="Scope"
          placeholder="Any scope"
          data={[
            { value: 'organization', label: 'Organization' },
            { value: 'team', label: 'Team' },
          ]}
          value={scope ?? null}
          onChange={(value) => filter({ scope: value ?? '' })}
          clearable
          w={160}
        />
        <Select
          aria-label="Authentication method"
          placeholder="Any method"
          data={[
            { value: 'api_key', label: 'API key' },
            { value: 'federated', label: 'Federated' },
          ]}
          value={method ?? null}
          onChange={(value) => filter({ method: value ?? '' })}
          clearable
          w={160}
        />
      </Group>
      <DataList
        label="Service accounts"
        list={list}
        columns={accountColumns(org, true)}
        rowKey={({ id }) => id}
        isFiltered={isFiltered}
        empty={
          <Empty title="No service accounts yet" action={create}>
            A service account stands for a job, a pipeline or a program.
          </Empty>
        }
        noResults={
          <Empty title="No service account fits" isSearch>
            Nothing has this name, scope and method together.
          </Empty>
        }
      />
    </Page>
  )
}
