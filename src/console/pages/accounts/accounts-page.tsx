import { Group, Select } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { lazyRouteComponent } from '@tanstack/react-router'
import { Suspense, useMemo } from 'react'
import { DataList } from '../../parts/data-list.tsx'
import { Empty } from '../../parts/empty.tsx'
import { LookOnly } from '../../parts/look-only.tsx'
import { Page } from '../../parts/page.tsx'
import { PageButton, PageLink } from '../../parts/page-link.tsx'
import { SearchField } from '../../parts/search-field.tsx'
import { TeamPicker } from '../../parts/team-picker.tsx'
import { accountsRoute } from '../../router.ts'
import { useList } from '../../wire/lists.ts'
import { isOrgAdmin, isTeamAdmin, mayChangeOrg, teamsOf } from '../../wire/rights.ts'
import { useSession } from '../../wire/session.ts'
import type { ServiceAccount } from '../../wire/shapes.ts'
import { accountColumns } from './account-columns.tsx'
import { MethodFilter } from './method-filter.tsx'

/** Fetched when it is opened. */
const NewAccountPanel = lazyRouteComponent(() => import('./new-account-panel.tsx'), 'NewAccountPanel')

const about =
  'Non-human users: of the organization, and of its teams. A workload becomes one by its API key, or by a token of its own platform.'

export function AccountsPage() {
  const { org } = accountsRoute.useParams()
  const { me } = useSession()
  return isOrgAdmin(me) ? <AllAccounts org={org} /> : <ByTeam org={org} />
}

/** All service accounts of the organization, of its teams too. */
function AllAccounts({ org }: { org: string }) {
  const search = accountsRoute.useSearch()
  const navigate = accountsRoute.useNavigate()
  const { q, scope, team, method } = search
  const list = useList<ServiceAccount>(`/orgs/${org}/service-accounts`, { q, scope, team, method })
  const columns = useMemo(() => accountColumns(org, true), [org])
  const filter = (changes: Partial<typeof search>) =>
    void navigate({ search: (before) => ({ ...before, ...changes }), replace: true })
  const may = mayChangeOrg(useSession().me)
  const create = may && (
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
    <Page title="Service accounts" about={about} actions={create}>
      <LookOnly />
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
          onChange={(value) => filter({ scope: value ?? '', ...(value === 'organization' ? { team: '' } : {}) })}
          clearable
          w={160}
        />
        <TeamPicker
          org={org}
          aria-label="Team"
          placeholder="Any team"
          value={team ?? ''}
          onChange={(value) => filter({ team: value, ...(value === '' ? {} : { scope: '' }) })}
          clearable
          w={180}
        />
        <MethodFilter value={method} onChange={(value) => filter({ method: value })} />
      </Group>
      <DataList
        label="Service accounts"
        list={list}
        columns={columns}
        rowKey={({ id }) => id}
        isFiltered={[q, scope, team, method].some((one) => one !== undefined)}
        empty={
          <Empty title="No service accounts yet" action={create}>
            A service account stands for a job, a pipeline or a program, so that it needs no person's key.
          </Empty>
        }
        noResults={
          <Empty title="No service account fits" isSearch>
            Nothing has this name, scope, team and method together.
          </Empty>
        }
      />
      {may && search.new !== undefined && (
        <Suspense fallback={null}>
          <NewAccountPanel org={org} opened onClose={() => filter({ new: '' })} />
        </Suspense>
      )}
    </Page>
  )
}

/** Whoever administers teams alone sees the accounts of each. */
function ByTeam({ org }: { org: string }) {
  const { me } = useSession()
  const teams = teamsOf(me).filter(({ team }) => isTeamAdmin(me, team))
  return (
    <Page title="Service accounts" about={about}>
      <Empty title={teams.length > 0 ? 'The accounts of your teams' : 'For admins'}>
        {teams.length > 0
          ? 'The list of all teams is for admins of the organization. You administer:'
          : 'Service accounts are seen by admins of the organization, and of the team that they belong to.'}
      </Empty>
      <Group justify="center">
        {teams.map(({ team }) => (
          <PageLink key={team} to="/$org/$team/service-accounts" params={{ org, team }}>
            {team}
          </PageLink>
        ))}
      </Group>
    </Page>
  )
}
