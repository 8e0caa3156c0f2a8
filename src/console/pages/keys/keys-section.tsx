import { Button } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { DataList } from '../../parts/data-list.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Section } from '../../parts/section.tsx'
import { useList } from '../../wire/lists.ts'
import type { ApiKey } from '../../wire/shapes.ts'
import { keyColumns } from './key-columns.tsx'
import { NewKey } from './new-key.tsx'
import { RevokeKey } from './revoke-key.tsx'
import { RotateKey } from './rotate-key.tsx'

export type KeysProps = {
  org: string
  /** The collection, below /api/v1: `/orgs/acme/users/ada/keys`. */
  path: string
  /** Whose they are, as the command line is told: `--sa ml/robot`, `--user ada`, `--resource-server tracker`. */
  owner: string
  /** False: they are only looked at. */
  mayChange: boolean
}
type Opened = { deed: 'rotate' | 'revoke'; key: ApiKey } | { deed: 'create' } | undefined

/** The API keys of a service account, a user or a resource server. */
export function KeysSection({ org, path, owner, mayChange }: KeysProps) {
  const list = useList<ApiKey>(path)
  const [opened, setOpened] = useState<Opened>()
  const close = () => setOpened(undefined)
  const create = mayChange && (
    <Button variant="default" leftSection={<IconPlus size={16} />} onClick={() => setOpened({ deed: 'create' })}>
      New API key
    </Button>
  )
  return (
    <Section
      title="API keys"
      about="Long-lived secrets. Each is shown once, when it is made; its hint tells them apart."
      actions={create}
    >
      <DataList
        label="API keys"
        list={list}
        columns={keyColumns(org, mayChange && ((deed, key) => setOpened({ deed, key })))}
        rowKey={({ id }) => id}
        empty={
          <Empty title="No API keys" action={create}>
            Without a key nobody signs in by one.
          </Empty>
        }
      />
      {opened?.deed === 'create' && <NewKey path={path} owner={owner} onClose={close} />}
      {opened?.deed === 'rotate' && <RotateKey path={path} owner={owner} apiKey={opened.key} onClose={close} />}
      {opened?.deed === 'revoke' && <RevokeKey org={org} path={path} apiKey={opened.key} onClose={close} />}
    </Section>
  )
}
