import { Badge, Button, Group, Stack, Switch, Text } from '@mantine/core'
import { useState } from 'react'
import { ConfirmDeed } from '../../parts/confirm-deed.tsx'
import { Copyable } from '../../parts/copy.tsx'
import { DataList } from '../../parts/data-list.tsx'
import { Empty } from '../../parts/empty.tsx'
import { RelativeTime } from '../../parts/relative-time.tsx'
import { Section } from '../../parts/section.tsx'
import { useDeed } from '../../wire/deeds.ts'
import { useList } from '../../wire/lists.ts'
import { api } from '../../wire/request.ts'
import type { SigningKey } from '../../wire/shapes.ts'

const colours = { current: 'green', next: 'blue', retired: 'gray', withdrawn: 'red' } as const

/** Our own keys: what signs the tokens that are handed out. */
export function SigningKeysSection() {
  const list = useList<SigningKey>('/signing-keys')
  const [isOpen, setOpen] = useState(false)
  const [isEmergency, setEmergency] = useState(false)
  const rotate = useDeed(() => api.post<{ current: string }>('/signing-keys/rotate', { emergency: isEmergency }), {
    says: () => 'The signing key is rotated.',
    onDone: () => setOpen(false),
  })
  return (
    <Section
      title="Signing keys"
      about="They sign the access tokens. The next one is published before it signs; the last one stays until its tokens have expired."
      actions={
        <Button variant="default" onClick={() => setOpen(true)}>
          Rotate
        </Button>
      }
    >
      <DataList
        label="Signing keys"
        list={list}
        rowKey={({ kid }) => kid}
        columns={[
          { title: 'Key id', isMain: true, cell: ({ kid }) => <Copyable text={kid} what="key id" /> },
          { title: 'Algorithm', width: '8rem', cell: ({ alg }) => alg },
          { title: 'State', width: '9rem', cell: ({ state }) => <Badge color={colours[state]}>{state}</Badge> },
          { title: 'Published', width: '10rem', cell: ({ published_at }) => <RelativeTime at={published_at} /> },
          {
            title: 'Signs from',
            width: '10rem',
            cell: ({ activates_at }) => <RelativeTime at={activates_at} never="not set" />,
          },
        ]}
        empty={<Empty title="No signing keys">The service makes them when it starts.</Empty>}
      />
      <ConfirmDeed
        title="Rotate the signing key"
        deed={isEmergency ? 'Withdraw the key now' : 'Rotate'}
        opened={isOpen}
        onClose={() => setOpen(false)}
        onConfirm={() => rotate.mutate(undefined)}
        isRunning={rotate.isPending}
        error={rotate.error}
        {...(isEmergency ? { typed: 'withdraw' } : {})}
      >
        <Stack>
          <Text size="sm">
            The next key signs as soon as everybody can have it; what the old one signed stays good until it expires.
          </Text>
          <Group>
            <Switch
              label="Emergency: the key may be known to others. Every token that it signed dies now, in every organization."
              checked={isEmergency}
              onChange={(event) => setEmergency(event.currentTarget.checked)}
            />
          </Group>
        </Stack>
      </ConfirmDeed>
    </Section>
  )
}
