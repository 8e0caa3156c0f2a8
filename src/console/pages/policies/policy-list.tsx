import { Button, Group, Text } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { ManagedBadge } from '../../parts/badges.tsx'
import { type Column, DataList } from '../../parts/data-list.tsx'
import { Empty } from '../../parts/empty.tsx'
import { PageButton, PageLink } from '../../parts/page-link.tsx'
import { Section } from '../../parts/section.tsx'
import { useList } from '../../wire/lists.ts'
import { useObject } from '../../wire/objects.ts'
import type { TrustPolicy } from '../../wire/shapes.ts'
import { type AccountPlace, policiesAt } from './addresses.ts'
import { DeletePolicy } from './delete-policy.tsx'
import { FindingsBadge, StateBadge } from './policy-badges.tsx'
import { SwitchState } from './switch-state.tsx'

/** Whose tokens may become the account. All three as the address has them: names or ids. */
export function PolicyList({ mayChange, ...place }: AccountPlace & { mayChange: boolean }) {
  const list = useList<TrustPolicy>(policiesAt(place))
  const [asked, ask] = useState<{ deed: 'delete' | 'switch'; policy: TrustPolicy }>()
  const create = mayChange && (
    <PageButton
      to="/$org/$team/service-accounts/$account/policies/$policy"
      params={{ ...place, policy: 'new' }}
      leftSection={<IconPlus size={16} />}
    >
      New trust policy
    </PageButton>
  )
  return (
    <Section
      title="Trust policies"
      about="Whose tokens may become this account: an issuer, a subject, and what else the token has to say."
      actions={list.rows.length > 0 && create}
    >
      <DataList
        label="Trust policies"
        list={list}
        rowKey={({ id }) => id}
        columns={columnsOf(place, mayChange && ((deed, policy) => ask({ deed, policy })))}
        empty={
          <Empty title="Nobody may become this account yet" action={create}>
            A trust policy lets a job in by the token of its own platform. Begin with the address of its repository, a
            token of it, or a refused exchange.
          </Empty>
        }
      />
      {asked?.deed === 'delete' && <DeletePolicy place={place} policy={asked.policy} onClose={() => ask(undefined)} />}
      {asked?.deed === 'switch' && <SwitchState place={place} policy={asked.policy} onClose={() => ask(undefined)} />}
    </Section>
  )
}

type Ask = (deed: 'delete' | 'switch', policy: TrustPolicy) => void

const columnsOf = (place: AccountPlace, ask: Ask | false): Column<TrustPolicy>[] => [
  {
    title: 'Name',
    isMain: true,
    cell: (policy) => (
      <Group gap="xs">
        <PageLink
          to="/$org/$team/service-accounts/$account/policies/$policy"
          params={{ ...place, policy: policy.id }}
          fw={600}
        >
          {policy.name}
        </PageLink>
        <StateBadge state={policy.state} />
        <ManagedBadge by={policy.managed_by} />
      </Group>
    ),
  },
  {
    title: 'Trusts',
    cell: ({ issuer, subject }) => (
      <div>
        <Text size="sm">{issuer}</Text>
        <Text size="xs" c="dimmed" className="mono" lineClamp={2} title={subject}>
          {subject}
        </Text>
      </div>
    ),
  },
  { title: 'Conditions', width: '7rem', cell: ({ conditions, cel }) => conditionsIn(conditions.length, cel) },
  { title: 'Strength', width: '11rem', cell: (policy) => <Judged place={place} policy={policy} /> },
  ...(ask ? [actionsOf(ask)] : []),
]

const actionsOf = (ask: Ask): Column<TrustPolicy> => ({
  title: 'Actions',
  width: '16rem',
  align: 'right',
  cell: (policy) => (
    <Group gap="xs" justify="flex-end">
      <Button
        size="compact-sm"
        variant="default"
        onClick={() => ask('switch', policy)}
        aria-label={`${policy.state === 'live' ? 'Make a draft' : 'Make live'}: ${policy.name}`}
      >
        {policy.state === 'live' ? 'Make a draft' : 'Make live'}
      </Button>
      <Button
        size="compact-sm"
        variant="light"
        color="red"
        onClick={() => ask('delete', policy)}
        aria-label={`Delete: ${policy.name}`}
      >
        Delete
      </Button>
    </Group>
  ),
})

const conditionsIn = (count: number, cel: string | null) => `${count}${cel === null ? '' : ' and CEL'}`

/** Lists say nothing of findings: each in sight is asked for. */
function Judged({ place, policy }: { place: AccountPlace; policy: TrustPolicy }) {
  const { data, isError } = useObject<TrustPolicy>(`${policiesAt(place)}/${policy.id}`)
  if (isError) return <Text size="sm">Not known</Text>
  return data ? <FindingsBadge findings={data.findings ?? []} /> : <Text size="sm">…</Text>
}
