import { Alert, Stack, Text } from '@mantine/core'
import { IconAlertOctagon, IconCircleCheck } from '@tabler/icons-react'
import { Copyable } from '../../parts/copy.tsx'
import { Facts } from '../../parts/facts.tsx'
import { PageLink } from '../../parts/page-link.tsx'
import { absolute } from '../../parts/relative-time.tsx'
import type { Break, BreakReason, Checked } from './chain.ts'

const words: Record<BreakReason, string> = {
  changed: 'What it says is not what its hash was made of: it was changed after it was written.',
  removed:
    'It does not follow the event that stands before it: one or more between them were removed, the one before was written anew, or this one was put in.',
  reordered: 'It does not stand where it was written: events were moved.',
  other_organization: 'It belongs to the trail of another organization.',
  beginning:
    'It is not the first: those before it are gone, and no event says that they were removed because their time was over.',
}

/** What came of a check. `kept`: the hash that had to be in it, or ''. */
export function ChainResult({ org, checked, kept }: { org: string; checked: Checked; kept: string }) {
  const { broken, events, last, first, isPruned, holdsKept } = checked
  const count = `${events.toLocaleString('en')} ${events === 1 ? 'event' : 'events'}`
  const isLost = kept !== '' && !holdsKept && !broken
  if (broken) return <Broken org={org} broken={broken} before={count} last={last} />
  return (
    <Stack gap="sm">
      {isLost ? (
        <Alert color="red" icon={<IconAlertOctagon />} title="The hash that you kept is not in the chain">
          {count} hold together, but none has that hash. The chain was cut off or written anew since then, or the event
          is past the time that events are kept for.
        </Alert>
      ) : (
        <Alert color="green" icon={<IconCircleCheck />} title="The chain holds">
          {count} checked. None was changed, removed or moved{isPruned && ' since the first that is kept'}.
          {kept !== '' && ' The hash that you kept is among them.'}
        </Alert>
      )}
      <Facts
        rows={[
          first && ['First event', absolute(first.at)],
          isPruned && ['Before it', 'events that were past their time, as one in the chain says'],
          last && ['Last event', absolute(last.at)],
          last && ['Last hash', <Copyable key="hash" text={last.hash} what="last hash" />],
        ]}
      />
    </Stack>
  )
}

type BrokenProps = { org: string; broken: Break; before: string; last: Checked['last'] }
function Broken({ org, broken, before, last }: BrokenProps) {
  const { at, why, id, time } = broken
  return (
    <Alert color="red" icon={<IconAlertOctagon />} title="The chain is broken">
      <Stack gap="sm">
        <Text size="sm">
          At event {at.toLocaleString('en')}. {words[why]}
        </Text>
        <Facts
          rows={[
            id !== undefined && ['Event', <Copyable key="id" text={id} what="id of the event" />],
            time !== undefined && ['Said to be of', safely(time)],
            ['Before it', `${before} that hold together`],
            last && ['The last of those', <Copyable key="last" text={last.id} what="id of the last sound event" />],
          ]}
        />
        <Text size="sm">
          Nothing behind it is vouched for. Keep a copy of the database as it is, and compare with a backup or an
          export.{' '}
          {time !== undefined && (
            <PageLink inherit to="/$org/audit" params={{ org }} search={{ to: time }}>
              Show the events up to there
            </PageLink>
          )}
        </Text>
      </Stack>
    </Alert>
  )
}

/** What was changed may be no time any more. */
const safely = (time: string) => (Number.isNaN(Date.parse(time)) ? time : absolute(time))
