import { Badge, Button, Group, Paper, Stack, Text, Title } from '@mantine/core'
import { useState } from 'react'
import { PageLink } from '../../parts/page-link.tsx'
import type { Candidate, ExplainCondition } from '../../wire/shapes/trail.ts'
import { Compare } from './compare.tsx'
import { compared } from './compared.ts'
import { Hints } from './hints.tsx'
import { OutcomeIcon } from './outcome-icon.tsx'
import { accountParts } from './recorded.ts'
import { begun, wayWords } from './words.ts'

const outcomes: Readonly<Record<string, readonly [color: string, word: string]>> = {
  granted: ['green', 'Grants'],
  fits: ['yellow', 'Fits, and grants nothing'],
  refused: ['red', 'Does not fit'],
}
const atFirst = 5

/** The policies that come near, nearest first, test by test. */
export function Candidates({ org, candidates }: { org: string; candidates: readonly Candidate[] }) {
  const [isAll, setAll] = useState(false)
  if (candidates.length === 0)
    return <Text size="sm">No trust policy of this issuer is there, or none that you may read.</Text>
  const shown = isAll ? candidates : candidates.slice(0, atFirst)
  return (
    <Stack gap="sm">
      {shown.map((candidate, i) => (
        <One key={candidate.policy ?? 'tried'} org={org} candidate={candidate} isNearest={i === 0} />
      ))}
      {shown.length < candidates.length && (
        <Button variant="default" onClick={() => setAll(true)}>
          Show all {candidates.length} policies
        </Button>
      )}
    </Stack>
  )
}

function One({ org, candidate, isNearest }: { org: string; candidate: Candidate; isNearest: boolean }) {
  const { service_account: account, policy, name, state, outcome, conditions, hints } = candidate
  const [color, word] = outcomes[outcome] ?? ['gray', outcome]
  return (
    <Paper withBorder p="sm">
      <Group gap="xs" mb="xs">
        <Title order={3}>
          <PolicyName org={org} account={account} policy={policy} name={name} />
        </Title>
        <Badge color={color}>{word}</Badge>
        {state === 'draft' && <Badge color="gray">Draft</Badge>}
        {isNearest && outcome === 'refused' && <Badge color="blue">Nearest</Badge>}
      </Group>
      <ol className="steps">
        {conditions.map((condition, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a claim may be asked for twice
          <li key={i}>
            <OutcomeIcon outcome={condition.holds ? 'ok' : 'failed'} />
            <Condition condition={condition} />
          </li>
        ))}
      </ol>
      <Hints hints={hints} />
    </Paper>
  )
}

function Condition({ condition }: { condition: ExplainCondition }) {
  const { claim, op, expected, received, holds, hints } = condition
  // The comparison says in words how the two differ: a hint that is the same is not said twice.
  const said = new Set(compared(expected, received, { op, holds }).ways.map((way) => wayWords[way]))
  return (
    <div className="body">
      <Text size="sm" fw={600} mb={4}>
        <span className="mono">{claim}</span>{' '}
        <Text span size="sm" c="dimmed" fw={400}>
          {claim === 'sub' ? `(subject) ${op}` : op === 'cel' ? '' : op}
        </Text>
      </Text>
      <Compare expected={expected} received={received} op={op} holds={holds} nothing="the token has no such claim" />
      <Hints hints={hints.filter(({ message }) => !said.has(`${begun(message)}.`))} />
    </div>
  )
}

type NameProps = { org: string; account: string; policy: string | null; name: string | null }

function PolicyName({ org, account, policy, name }: NameProps) {
  const parts = accountParts(account)
  const said = name ?? policy ?? 'A new policy'
  if (!parts || policy === null) return `${said} of ${account}`
  return (
    <>
      <PageLink
        inherit
        to="/$org/$team/service-accounts/$account/policies/$policy"
        params={{ org, team: parts.team, account: parts.name, policy }}
      >
        {said}
      </PageLink>{' '}
      of{' '}
      <PageLink
        inherit
        to="/$org/$team/service-accounts/$account"
        params={{ org, team: parts.team, account: parts.name }}
      >
        {account}
      </PageLink>
    </>
  )
}
