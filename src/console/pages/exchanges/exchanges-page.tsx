import './exchanges.css'
import { IconZoomQuestion } from '@tabler/icons-react'
import { lazyRouteComponent } from '@tanstack/react-router'
import { Suspense, useMemo } from 'react'
import { Empty } from '../../parts/empty.tsx'
import { InTurn } from '../../parts/in-turn.tsx'
import { Page } from '../../parts/page.tsx'
import { PageButton } from '../../parts/page-link.tsx'
import { exchangesRoute } from '../../router.ts'
import type { Query } from '../../wire/lists.ts'
import { useObject } from '../../wire/objects.ts'
import { isAnyTeamAdmin } from '../../wire/rights.ts'
import { useSession } from '../../wire/session.ts'
import type { ExchangeStats } from '../../wire/shapes.ts'
import { Filters, RequestField, type Search } from './filters.tsx'
import { LiveExchanges } from './live-exchanges.tsx'
import { MayNotSee } from './may-not-see.tsx'
import { isSpan, rangeOf, spans } from './span.ts'
import { Stats } from './stats.tsx'

const ExplainToken = lazyRouteComponent(() => import('./explain-token.tsx'), 'ExplainToken')

const about = 'Who showed a token, whom it became, and why one was refused.'

/** Exchanges as they happen, how many of them there are, and what each was about. */
export function ExchangesPage() {
  const { org } = exchangesRoute.useParams()
  const search = exchangesRoute.useSearch()
  const navigate = exchangesRoute.useNavigate()
  const { me } = useSession()
  if (!isAnyTeamAdmin(me))
    return (
      <Page title="Exchanges" about={about}>
        <MayNotSee />
      </Page>
    )
  const filter = (changes: Search) =>
    void navigate({ search: (before) => ({ ...before, ...changes }), replace: true, resetScroll: false })
  return (
    <Page
      title="Exchanges"
      about={about}
      actions={
        <PageButton
          to="/$org/exchanges"
          params={{ org }}
          search={{ ...search, explain: '1' }}
          variant="default"
          leftSection={<IconZoomQuestion size={16} />}
        >
          Explain a token
        </PageButton>
      }
    >
      <RequestField value={search.request_id ?? ''} onChange={(request_id) => filter({ request_id })} />
      {search.request_id === undefined ? (
        <OfSpan org={org} search={search} filter={filter} />
      ) : (
        <OfRequest org={org} requestId={search.request_id} />
      )}
      {search.explain !== undefined && (
        <Suspense fallback={null}>
          <ExplainToken org={org} onClose={() => filter({ explain: '' })} />
        </Suspense>
      )}
    </Page>
  )
}

type Props = { org: string; search: Search; filter: (changes: Search) => void }

function OfSpan({ org, search, filter }: Props) {
  const { span, from, to, result, reason, issuer, account } = search
  // Where it begins stays while one looks at it.
  const range = useMemo(() => rangeOf({ span, from, to }, Date.now()), [span, from, to])
  const isEnded = range.to !== undefined
  const within = { from: range.from, to: range.to, issuer, service_account: account }
  const stats = useObject<ExchangeStats>(
    `/orgs/${org}/exchange-stats`,
    { ...within, buckets: range.buckets },
    { every: isEnded ? false : 10_000, isKept: true },
  )
  const query = useMemo<Query>(
    () => ({
      type: 'token.exchange',
      from: range.from,
      to: range.to,
      result,
      reason,
      issuer,
      service_account: account,
    }),
    [range, result, reason, issuer, account],
  )
  return (
    <InTurn>
      <Filters
        org={org}
        search={search}
        filter={filter}
        reasons={stats.data?.reasons.map(({ reason }) => reason) ?? []}
      />
      <Stats
        title={isEnded ? 'Part of the span' : spans[isSpan(span) ? span : '24h']}
        query={stats}
        search={search}
        filter={filter}
      />
      <LiveExchanges
        org={org}
        query={query}
        isEnded={isEnded}
        isFiltered={[result, reason, issuer, account, to].some((one) => one !== undefined)}
        empty={
          <Empty title="No exchanges in this span">
            When a job shows the token of its platform, or an API key, it is listed here within a few seconds.
          </Empty>
        }
        noResults={
          <Empty title="No exchange fits" isSearch>
            Nothing in this span has this result, reason, issuer and account together.
          </Empty>
        }
      />
    </InTurn>
  )
}

/** Whenever it was: neither a span nor a filter stands in its way. */
function OfRequest({ org, requestId }: { org: string; requestId: string }) {
  const query = useMemo<Query>(() => ({ type: 'token.exchange', request_id: requestId }), [requestId])
  const none = (
    <Empty title="No exchange has this request id" isSearch>
      It may be of another team or organization, be older than what is kept, or have been about something else.
    </Empty>
  )
  return <LiveExchanges org={org} query={query} isEnded isFiltered empty={none} noResults={none} />
}
