import { Alert, Text } from '@mantine/core'
import { IconSparkles } from '@tabler/icons-react'
import { useState } from 'react'
import { DataList } from '../../parts/data-list.tsx'
import { Empty } from '../../parts/empty.tsx'
import { LookOnly } from '../../parts/look-only.tsx'
import { Page } from '../../parts/page.tsx'
import { PageButton } from '../../parts/page-link.tsx'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { hygieneRoute } from '../../router.ts'
import { useList } from '../../wire/lists.ts'
import { useObject } from '../../wire/objects.ts'
import { isAnyTeamAdmin, isOrgAdmin, mayChange } from '../../wire/rights.ts'
import { useSession } from '../../wire/session.ts'
import type { Hygiene, HygieneItem } from '../../wire/shapes.ts'
import { itemColumns } from './item-columns.tsx'
import { KindCards } from './kind-cards.tsx'
import { type ItemDeed, isKind, keyOf, kinds } from './kinds.ts'
import { OpenDeed } from './open-deed.tsx'

const about = 'Accounts, keys and policies that somebody should look after, before somebody else does.'

export function HygienePage() {
  const { org } = hygieneRoute.useParams()
  const { me } = useSession()
  if (isAnyTeamAdmin(me)) return <Concerns org={org} />
  return (
    <Page title="Hygiene" about={about}>
      <Empty title="For admins">
        What should be looked after is shown to admins of the organization, and of the team that it belongs to.
      </Empty>
    </Page>
  )
}

function Concerns({ org }: { org: string }) {
  const { me } = useSession()
  const search = hygieneRoute.useSearch()
  const kind = isKind(search.kind) ? search.kind : undefined
  const path = `/orgs/${org}/hygiene`
  const counted = useObject<Hygiene>(path, { limit: 1 })
  const list = useList<HygieneItem>(path, { kind })
  const [asked, ask] = useState<{ deed: ItemDeed; item: HygieneItem }>()
  const counts = counted.data?.counts
  const all = Object.values(counts ?? {}).reduce((sum, one) => sum + one, 0)
  return (
    <Page title="Hygiene" about={isOrgAdmin(me) ? about : `${about} You see what is of your teams.`}>
      <LookOnly />
      {counted.error && <ProblemAlert error={counted.error} retry={() => void counted.refetch()} />}
      <KindCards org={org} counts={counts} chosen={kind} />
      {kind === 'key_although_federated' && <Migrate />}
      <DataList
        label={kind ? kinds[kind].title : 'What to look after'}
        list={list}
        columns={itemColumns(org, mayChange(me), (deed, item) => ask({ deed, item }))}
        rowKey={keyOf}
        isFiltered={kind !== undefined && all > 0}
        empty={
          <Empty title="All clean">
            No account or key lies about unused, none is without an end or near it, and no policy lets in more than it
            should.
          </Empty>
        }
        noResults={
          <Empty
            title="None of this kind"
            action={
              <PageButton variant="default" to="/$org/hygiene" params={{ org }} search={{}}>
                Show all kinds
              </PageButton>
            }
          >
            Nothing to do here. What is counted above is of other kinds.
          </Empty>
        }
      />
      <Text size="sm" c="dimmed">
        Looking through an organization takes time: what was mended may be counted for some minutes more. Disabled
        accounts and drafts are left out.
      </Text>
      {asked && <OpenDeed org={org} deed={asked.deed} item={asked.item} onClose={() => ask(undefined)} />}
    </Page>
  )
}

const Migrate = () => (
  <Alert color="blue" icon={<IconSparkles />} title="How to move to federation">
    Make a federated account beside the one with the key, give the job the new way in, see it used here under Exchanges,
    and then revoke the key. Step by step: <span className="mono">docs/how-to/migrate-from-api-keys.md</span>.
  </Alert>
)
