import { Badge, Button, Group, Text } from '@mantine/core'
import type { Column } from '../../parts/data-list.tsx'
import { RelativeTime } from '../../parts/relative-time.tsx'
import type { ApiKey } from '../../wire/shapes.ts'
import { stateOf } from './expiry.ts'
import { LastUse } from './key-uses.tsx'

/** `open`: what may be done with one; false where keys are only looked at. */
export function keyColumns(
  org: string,
  open: false | ((deed: 'rotate' | 'revoke', key: ApiKey) => void),
): Column<ApiKey>[] {
  return [
    {
      title: 'Name',
      isMain: true,
      cell: (key) => (
        <div>
          <Text size="sm" fw={600}>
            {key.name}
          </Text>
          <Text size="xs" c="dimmed" className="mono">
            {key.hint}
          </Text>
        </div>
      ),
    },
    { title: 'Last used', width: '10rem', cell: (key) => <LastUse org={org} apiKey={key} /> },
    { title: 'Expires', width: '10rem', cell: (key) => <End apiKey={key} /> },
    { title: 'Created', width: '9rem', cell: ({ created_at }) => <RelativeTime at={created_at} /> },
    ...(open
      ? [
          {
            title: 'Actions',
            width: '12rem',
            align: 'right' as const,
            cell: (key: ApiKey) => (
              <Group gap="xs" justify="flex-end">
                {stateOf(key, Date.now()) === 'active' && (
                  <Button
                    size="compact-sm"
                    variant="default"
                    aria-label={`Rotate ${key.name}`}
                    onClick={() => open('rotate', key)}
                  >
                    Rotate
                  </Button>
                )}
                <Button
                  size="compact-sm"
                  variant="light"
                  color="red"
                  aria-label={`Revoke ${key.name}`}
                  onClick={() => open('revoke', key)}
                >
                  Revoke
                </Button>
              </Group>
            ),
          },
        ]
      : []),
  ]
}

function End({ apiKey }: { apiKey: ApiKey }) {
  const state = stateOf(apiKey, Date.now())
  return (
    <div>
      <RelativeTime at={apiKey.expires_at} /> {state === 'replaced' && <Badge color="yellow">Replaced</Badge>}
      {state === 'expired' && <Badge color="gray">Expired</Badge>}
    </div>
  )
}
