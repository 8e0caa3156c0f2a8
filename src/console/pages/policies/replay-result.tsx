import { Alert, Group, List, Paper, Stack, Text } from '@mantine/core'
import { RelativeTime } from '../../parts/relative-time.tsx'
import type { Replay, ReplayGroup } from '../../wire/shapes.ts'

const effects = [
  ['gain', 'Would gain', 'would have got the account, and did not'],
  ['lose', 'Would lose', 'got it, and would not have'],
  ['ambiguous', 'Ambiguous', 'would stand for two accounts, and get nothing'],
  ['unknown', 'Not known', 'hang on claims that the trail did not keep'],
] as const

/** Who would have gained and who lost, among the exchanges on record. */
export function ReplayResult({ replay }: { replay: Replay }) {
  const { counts, exchanges, days, notes, truncated, more, sight } = replay
  return (
    <Stack gap="sm">
      <Text size="sm">
        {exchanges === 0
          ? `No exchange of this issuer is on record in the last ${days} days, so nothing can be said from what happened.`
          : `Of ${exchanges.toLocaleString('en')} exchanges of this issuer in the last ${days} days:`}
      </Text>
      {exchanges > 0 && (
        <Group gap="sm" grow preventGrowOverflow={false}>
          {effects.map(([effect, title, about]) => (
            <Paper key={effect} withBorder p="xs" miw="8rem">
              <Text size="xs" c="dimmed">
                {title}
              </Text>
              <Text fw={650} size="lg">
                {counts[effect].toLocaleString('en')}
              </Text>
              <Text size="xs" c="dimmed">
                {about}
              </Text>
            </Paper>
          ))}
        </Group>
      )}
      {effects.map(
        ([effect, title]) => replay[effect].length > 0 && <Groups key={effect} title={title} groups={replay[effect]} />,
      )}
      {(notes.length > 0 || truncated || more || sight === 'teams') && (
        <Alert color="gray" title="What this leaves out" py="xs">
          <List size="sm">
            {sight === 'teams' && <List.Item>Only exchanges of teams that you administer are looked at.</List.Item>}
            {truncated && <List.Item>There were more exchanges than one replay looks at.</List.Item>}
            {more && <List.Item>There are more subjects than are listed; the counts are of all.</List.Item>}
            {notes.map((note) => (
              <List.Item key={note}>{note}</List.Item>
            ))}
          </List>
        </Alert>
      )}
    </Stack>
  )
}

function Groups({ title, groups }: { title: string; groups: readonly ReplayGroup[] }) {
  return (
    <table className="list" aria-label={title}>
      <colgroup>
        <col />
        <col style={{ width: '7.5rem' }} />
        <col style={{ width: '9rem' }} />
      </colgroup>
      <thead>
        <tr>
          <th scope="col">{title}</th>
          <th scope="col">Exchanges</th>
          <th scope="col">Newest</th>
        </tr>
      </thead>
      <tbody>
        {groups.slice(0, 20).map((group) => (
          <tr key={`${group.subject} ${group.service_account} ${group.request_id}`} className="row">
            <td className="main">
              <span className="mono">{group.subject}</span>
              {detailOf(group) && (
                <Text size="xs" c="dimmed">
                  {detailOf(group)}
                </Text>
              )}
            </td>
            <td data-label="Exchanges">{group.count.toLocaleString('en')}</td>
            <td data-label="Newest">
              <RelativeTime at={group.last_at} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function detailOf({ service_account, between, claims }: ReplayGroup): string {
  const said = [
    service_account ? `as ${service_account}` : '',
    between && between.length > 0 ? `between ${between.join(' and ')}` : '',
    claims && claims.length > 0 ? `not kept: ${claims.join(', ')}` : '',
  ]
  return said.filter(Boolean).join('; ')
}
