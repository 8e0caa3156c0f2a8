import { Anchor, Button, Collapse, Skeleton, Stack, Text, Title } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { ResultBadge } from '../../parts/badges.tsx'
import { Copy, Copyable } from '../../parts/copy.tsx'
import { Facts } from '../../parts/facts.tsx'
import { PageLink } from '../../parts/page-link.tsx'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { absolute, RelativeTime } from '../../parts/relative-time.tsx'
import { SidePanel } from '../../parts/side-panel.tsx'
import { useObject } from '../../wire/objects.ts'
import type { AuditEvent, Named, Page } from '../../wire/shapes.ts'
import { changesOf, restOf } from './changes.ts'
import { ChangesTable } from './changes-table.tsx'
import { MentionLink, Sentence } from './mention-link.tsx'
import { told } from './told.ts'

type Props = { org: string; id: string; request: string; onClose: () => void }

/** One event, whole. It is asked for by its request, so that the address finds it again. */
export function EventPanel({ org, id, request, onClose }: Props) {
  const path = `/orgs/${org}/audit-events`
  const { data, error, isPending, refetch } = useObject<Page<AuditEvent>>(path, { request_id: request, limit: 200 })
  const event = data?.items.find((one) => one.id === id)
  return (
    <SidePanel title="Event" opened onClose={onClose} size="44rem">
      <ProblemAlert error={error} retry={() => void refetch()} />
      {isPending && <Skeleton height={320} role="status" aria-label="Loading the event" />}
      {data && !event && (
        <Text size="sm">
          There is no such event among what you may see. It may be past the time that events are kept for.
        </Text>
      )}
      {data && event && <Whole org={org} event={event} others={data.items.length - 1} />}
    </SidePanel>
  )
}

function Whole({ org, event, others }: { org: string; event: AuditEvent; others: number }) {
  const { at, type, result, reason, request_id, team, actor, target, client } = event
  const changes = changesOf(event)
  const rest = restOf(event)
  return (
    <Stack gap="md">
      <Text component="div" fw={500}>
        <Sentence org={org} event={event} parts={told(event)} />
      </Text>
      <Facts
        rows={[
          ['Result', <ResultBadge key="result" result={result} />],
          reason !== undefined && [
            'Reason',
            <span key="reason" className="mono">
              {reason}
            </span>,
          ],
          [
            'When',
            <span key="when">
              <RelativeTime at={at} />, {absolute(at)}
            </span>,
          ],
          [
            'Type',
            <span key="type" className="mono">
              {type}
            </span>,
          ],
          ['By', <Who key="actor" org={org} event={event} what={actor} />],
          target && ['To', <Who key="target" org={org} event={event} what={target} />],
          team !== undefined && ['Team', team],
          client.ip !== '' && ['From', <Copyable key="ip" text={client.ip} what="address" />],
          client.user_agent !== '' && [
            'By means of',
            <span key="agent" className="mono">
              {client.user_agent}
            </span>,
          ],
          ['Request', <Request key="request" org={org} event={event} others={others} />],
        ]}
      />
      {changes.length > 0 && <ChangesTable changes={changes} />}
      {rest.length > 0 && (
        <Stack gap="xs">
          <Title order={3}>What is known of it</Title>
          <Facts rows={rest.map(([name, value]) => [name.replaceAll('_', ' '), <Value key={name} text={value} />])} />
        </Stack>
      )}
      <Raw event={event} isExchange={type === 'token.exchange'} org={org} request={request_id} />
    </Stack>
  )
}

function Who({ org, event, what }: { org: string; event: AuditEvent; what: Named }) {
  const isGone = event.type.endsWith('.delete') && what === event.target
  const text = what.name ?? what.id ?? 'not known'
  return (
    <span>
      {what.type.replaceAll('_', ' ')} <MentionLink org={org} event={event} mention={{ what, text, isGone }} />{' '}
      {what.id !== undefined && <Copyable text={what.id} what={`id of ${text}`} />}
    </span>
  )
}

const Request = ({ org, event: { request_id }, others }: { org: string; event: AuditEvent; others: number }) => (
  <span>
    <Copyable text={request_id} what="request id" />
    {others > 0 && (
      <PageLink inherit to="/$org/audit" params={{ org }} search={{ request_id }}>
        {others === 1 ? 'One more event' : `${others} more events`} of the same request
      </PageLink>
    )}
  </span>
)

const Value = ({ text }: { text: string }) =>
  text.includes('\n') ? <pre className="code">{text}</pre> : <span className="mono">{text}</span>

type RawProps = { event: AuditEvent; isExchange: boolean; org: string; request: string }
function Raw({ event, isExchange, org, request }: RawProps) {
  const [isOpen, { toggle }] = useDisclosure(false)
  const text = JSON.stringify(event, null, 2)
  return (
    <Stack gap="xs" align="flex-start">
      {isExchange && (
        <Anchor component="span" underline="never">
          <PageLink inherit to="/$org/exchanges/$request" params={{ org, request }}>
            Why it was so: this exchange step by step
          </PageLink>
        </Anchor>
      )}
      <Button variant="default" onClick={toggle} aria-expanded={isOpen}>
        {isOpen ? 'Hide the raw event' : 'Show the raw event'}
      </Button>
      <Collapse expanded={isOpen} w="100%">
        <Copy text={text} what="raw event" />
        <pre className="code">{text}</pre>
      </Collapse>
    </Stack>
  )
}
