import './exchanges.css'
import { Skeleton, Stack } from '@mantine/core'
import { ResultBadge } from '../../parts/badges.tsx'
import { Copyable } from '../../parts/copy.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Page } from '../../parts/page.tsx'
import { PageLink } from '../../parts/page-link.tsx'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { Trail } from '../../parts/trail.tsx'
import { exchangeRoute } from '../../router.ts'
import { useExplained } from '../../wire/explaining.ts'
import { useObject } from '../../wire/objects.ts'
import { isAnyTeamAdmin } from '../../wire/rights.ts'
import { useSession } from '../../wire/session.ts'
import type { AuditEvent, Page as PageOf } from '../../wire/shapes.ts'
import { ExplainedView } from './explained-view.tsx'
import { MayNotSee } from './may-not-see.tsx'
import { OnRecord } from './on-record.tsx'
import { recordedIn } from './recorded.ts'
import { UnexplainedEvent } from './unexplained-event.tsx'

/** One exchange: why it was granted or refused. */
export function ExchangePage() {
  const { org, request } = exchangeRoute.useParams()
  const { me } = useSession()
  const mayLook = isAnyTeamAdmin(me)
  const events = useObject<PageOf<AuditEvent>>(mayLook ? `/orgs/${org}/audit-events` : undefined, {
    request_id: request,
    type: 'token.exchange',
    limit: 10,
  })
  const [event] = events.data?.items ?? []
  const explained = useExplained(org, event && request)
  return (
    <Page
      title="Exchange"
      trail={
        <Trail>
          <PageLink to="/$org/exchanges" params={{ org }} size="sm">
            Exchanges
          </PageLink>
        </Trail>
      }
      badges={event && <ResultBadge result={event.result} />}
    >
      <Copyable text={request} what="request id" />
      {!mayLook ? (
        <MayNotSee />
      ) : events.error ? (
        <ProblemAlert error={events.error} retry={() => void events.refetch()} />
      ) : events.data && !event ? (
        <NotOnRecord />
      ) : !event || explained.isPending ? (
        <Waiting />
      ) : (
        <Stack gap="lg">
          {explained.data ? (
            <ExplainedView org={org} explained={explained.data} event={event} issuer={recordedIn(event).issuer} />
          ) : (
            <UnexplainedEvent event={event} error={explained.error} retry={() => void explained.refetch()} />
          )}
          <OnRecord org={org} event={event} />
        </Stack>
      )}
    </Page>
  )
}

const NotOnRecord = () => (
  <Empty title="No exchange has this request id" isSearch>
    Nothing of it is on record here, or it is not for you: it may be of another team or organization, be older than what
    is kept, or have been about something else than an exchange. A token that names no organization is in the
    installation's own trail, which its operator reads.
  </Empty>
)

const Waiting = () => (
  <Stack gap="lg" role="status" aria-label="Loading the exchange">
    <Skeleton height={130} />
    <Skeleton height={180} />
    <Skeleton height={360} />
  </Stack>
)
