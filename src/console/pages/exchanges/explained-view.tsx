import './exchanges.css'
import { Alert, Group, Stack, Text } from '@mantine/core'
import { IconCircleCheck, IconCircleX } from '@tabler/icons-react'
import { useState } from 'react'
import { Copyable, CopyWide } from '../../parts/copy.tsx'
import { Section } from '../../parts/section.tsx'
import { useObject } from '../../wire/objects.ts'
import { mayChange, mayChangeOrg } from '../../wire/rights.ts'
import { useSession } from '../../wire/session.ts'
import type { AuditEvent, Explained, Issuer, Page } from '../../wire/shapes.ts'
import { Candidates } from './candidates.tsx'
import { CreatePolicy } from './create-policy.tsx'
import { GoalLink } from './goal-link.tsx'
import { mendsOf } from './mends.ts'
import { recordedIn } from './recorded.ts'
import { Steps } from './steps.tsx'
import { sentenceOf, ticketOf } from './ticket.ts'
import { reasonPage, stepPage } from './words.ts'

/** `event`: of the exchange, when it is on record. `issuer`: of the token. */
type Props = { org: string; explained: Explained; event?: AuditEvent | undefined; issuer: string | undefined }

/** Why a token was, or would be, granted or refused. */
export function ExplainedView({ org, explained, event, issuer }: Props) {
  const { steps, candidates } = explained
  const isRead = steps.some(({ step, outcome }) => step === 'read' && outcome === 'ok')
  return (
    <Stack gap="lg">
      <Verdict explained={explained} event={event} />
      <Mending org={org} explained={explained} event={event} issuer={issuer} />
      <Section title="Step by step" about="The first step that failed is why; those behind it were not looked at.">
        <Steps steps={steps} />
      </Section>
      {isRead && (
        <Section title="Policies that come near" about="As they are now, nearest first; 50 at the most.">
          <Candidates org={org} candidates={candidates} />
        </Section>
      )}
    </Stack>
  )
}

function Verdict({ explained, event }: Pick<Props, 'explained' | 'event'>) {
  const { outcome, reason } = explained
  const isGranted = outcome === 'granted'
  const was = event?.result
  const title =
    was === undefined || was === outcome
      ? was === undefined
        ? `It would be ${outcome}`
        : `It was ${outcome}`
      : `It was ${was} then, and would be ${outcome} now`
  return (
    <Alert color={isGranted ? 'green' : 'red'} title={title} icon={isGranted ? <IconCircleCheck /> : <IconCircleX />}>
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{sentenceOf(explained)}</Text>
        {reason && (
          <Group gap="xs">
            <Text size="sm">
              Reason <span className="mono">{reason}</span>
            </Text>
          </Group>
        )}
        <CopyWide text={ticketOf(explained, event)} label="Copy as text for a ticket" />
      </Stack>
    </Alert>
  )
}

function Mending({ org, explained, event, issuer }: Props) {
  const { me } = useSession()
  const [isCreating, setCreating] = useState(false)
  const { data } = useObject<Page<Issuer>>(explained.reason ? `/orgs/${org}/issuers` : undefined, { limit: 200 })
  const { reason } = explained
  if (reason === undefined) return null
  const mends = mendsOf(explained, {
    issuer,
    account: event && recordedIn(event).account,
    issuers: data?.items ?? [],
    isOnRecord: event !== undefined,
    mayAddIssuer: mayChangeOrg(me),
    mayMakePolicy: mayChange(me),
  })
  const failed = explained.steps.find(({ outcome }) => outcome === 'failed')
  return (
    <Section title="What to do">
      <Stack gap="md">
        {mends.map(({ says, goals }) => (
          <div key={says}>
            <Text size="sm">{says}</Text>
            {goals.length > 0 && (
              <Group gap="xs" mt={6}>
                {goals.map((goal) => (
                  <GoalLink key={goal.label} org={org} goal={goal} onCreate={() => setCreating(true)} />
                ))}
              </Group>
            )}
          </div>
        ))}
        <div>
          <Text size="sm" c="dimmed">
            What the reason means and who mends it, and how to read this step, in the documentation:
          </Text>
          <Copyable text={reasonPage(reason)} what="page on the reason" />
          {failed && <Copyable text={stepPage(failed.step)} what="page on the step" />}
        </div>
      </Stack>
      {event && isCreating && (
        <CreatePolicy
          org={org}
          requestId={event.request_id}
          nearest={explained.candidates[0]?.service_account}
          onClose={() => setCreating(false)}
        />
      )}
    </Section>
  )
}
