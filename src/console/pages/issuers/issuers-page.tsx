import { IconPlus } from '@tabler/icons-react'
import { lazyRouteComponent } from '@tanstack/react-router'
import { Suspense } from 'react'
import { DataList } from '../../parts/data-list.tsx'
import { Empty } from '../../parts/empty.tsx'
import { LookOnly } from '../../parts/look-only.tsx'
import { Page } from '../../parts/page.tsx'
import { PageButton } from '../../parts/page-link.tsx'
import { SearchField } from '../../parts/search-field.tsx'
import { issuersRoute } from '../../router.ts'
import { useList } from '../../wire/lists.ts'
import { isAnyTeamAdmin, mayChangeOrg } from '../../wire/rights.ts'
import { useSession } from '../../wire/session.ts'
import type { Issuer } from '../../wire/shapes.ts'
import { issuerColumns } from './issuer-columns.tsx'

const AddIssuer = lazyRouteComponent(() => import('./add-issuer.tsx'), 'AddIssuer')

const about = 'Whose tokens are believed here: the identity providers of your pipelines, clusters and clouds.'

/** All issuers of the organization; the panel in which one is added has an address too. */
export function IssuersPage() {
  const { me } = useSession()
  if (isAnyTeamAdmin(me)) return <IssuersForAdmins mayAdd={mayChangeOrg(me)} />
  return (
    <Page title="Issuers" about={about}>
      <Empty title="Issuers are for admins">
        Ask an admin of your organization or of your team which issuers are trusted, or to add one.
      </Empty>
    </Page>
  )
}

function IssuersForAdmins({ mayAdd }: { mayAdd: boolean }) {
  const { org } = issuersRoute.useParams()
  const { q, add } = issuersRoute.useSearch()
  const navigate = issuersRoute.useNavigate()
  const list = useList<Issuer>(`/orgs/${org}/issuers`, { q }, { refetchInterval: 30_000 })
  const button = mayAdd && (
    <PageButton
      to="/$org/issuers"
      params={{ org }}
      search={{ ...(q ? { q } : {}), add: '1' }}
      leftSection={<IconPlus size={16} />}
    >
      Add issuer
    </PageButton>
  )
  const show = (changes: { q?: string; add?: string }) =>
    void navigate({ search: (before) => ({ ...before, ...changes }), replace: true })
  return (
    <Page title="Issuers" about={about} actions={button}>
      {!mayAdd && <LookOnly>Issuers are added and changed by admins of the organization.</LookOnly>}
      <div>
        <SearchField label="Search issuers" value={q ?? ''} onChange={(value) => show({ q: value })} />
      </div>
      <DataList
        label="Issuers"
        list={list}
        columns={issuerColumns(org)}
        rowKey={({ id }) => id}
        isFiltered={q !== undefined}
        empty={
          <Empty title="No issuer is trusted yet" action={button}>
            A workload shows a token of its own platform. Register the issuer that signs those tokens, such as GitHub
            Actions, GitLab or a Kubernetes cluster; then say with a trust policy who may become which service account.
          </Empty>
        }
        noResults={
          <Empty title="No issuer fits" isSearch>
            Names are looked through, in whatever case.
          </Empty>
        }
      />
      {mayAdd && add !== undefined && (
        <Suspense fallback={null}>
          <AddIssuer org={org} add={add} onClose={() => show({ add: '' })} />
        </Suspense>
      )}
    </Page>
  )
}
