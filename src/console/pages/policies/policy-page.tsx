import { Alert, Button, Group, Skeleton, Stack, Text } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { ManagedBadge } from '../../parts/badges.tsx'
import { Empty } from '../../parts/empty.tsx'
import { LookOnly } from '../../parts/look-only.tsx'
import { Page } from '../../parts/page.tsx'
import { PageButton, PageLink } from '../../parts/page-link.tsx'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { Trail } from '../../parts/trail.tsx'
import { policyRoute } from '../../router.ts'
import { mayChange } from '../../wire/rights.ts'
import { useSession } from '../../wire/session.ts'
import type { TrustPolicy } from '../../wire/shapes.ts'
import type { AccountPlace } from './addresses.ts'
import { DeletePolicy } from './delete-policy.tsx'
import { draftOf } from './draft.ts'
import { StateBadge } from './policy-badges.tsx'
import { PolicyBuilder } from './policy-builder.tsx'
import { SwitchState } from './switch-state.tsx'
import { usePolicyPage } from './use-policy-page.ts'

/** A trust policy: a new one, one that mends a refusal, or one that is there. */
export function PolicyPage() {
  const { org, team, account: named, policy: id } = policyRoute.useParams()
  const { from } = policyRoute.useSearch()
  const place = { org, team, account: named }
  const may = mayChange(useSession().me)
  const { account, issuers, presets, begin, policy, latest, etag, work, summary, error, retry } = usePolicyPage(
    place,
    id,
    may ? from : undefined,
  )
  const title = id === 'new' ? `New trust policy for ${account?.name ?? named}` : (policy?.name ?? 'Trust policy')
  const shown = {
    title,
    trail: (
      <Trail>
        <PageLink to="/$org/$team/service-accounts" params={place} size="sm">
          Service accounts of {account?.team ?? team}
        </PageLink>
        <PageLink to="/$org/$team/service-accounts/$account" params={place} size="sm">
          {account?.name ?? named}
        </PageLink>
      </Trail>
    ),
    about: `Who may become ${account?.team ?? team}/${account?.name ?? named}, by a token of their own platform.`,
  }
  if (error)
    return (
      <Page {...shown}>
        <ProblemAlert error={error} retry={retry} />
      </Page>
    )
  if (!account || !issuers || !presets || !begin)
    return (
      // What stands beside and below the title would move once its name is known.
      <Page title={id === 'new' ? title : 'Trust policy'} trail={shown.trail}>
        <Stack role="status" aria-label="Trust policy: loading">
          <Skeleton height={220} />
          <Skeleton height={420} />
        </Stack>
      </Page>
    )
  if (id === 'new' && !may)
    return (
      <Page {...shown}>
        <LookOnly />
      </Page>
    )
  if (account.method !== 'federated')
    return (
      <Page {...shown}>
        <Empty title="This account has API keys">
          It is a Built-in one, and trusts nobody. Trust policies are for accounts with federated identity.
        </Empty>
      </Page>
    )
  if (issuers.length === 0)
    return (
      <Page {...shown}>
        <Empty
          title="No issuer is registered yet"
          action={
            <PageButton to="/$org/issuers" params={{ org }}>
              Issuers
            </PageButton>
          }
        >
          A trust policy trusts tokens of an issuer: GitHub, GitLab, a cluster. An admin of the organization registers
          it first.
        </Empty>
      </Page>
    )
  return (
    <Page
      {...shown}
      badges={
        latest && (
          <Group gap="xs">
            <StateBadge state={latest.state} />
            <ManagedBadge by={latest.managed_by} />
          </Group>
        )
      }
      actions={may && latest && <Deeds place={place} policy={latest} />}
    >
      <LookOnly />
      {work.isOvertaken && (
        <Alert color="yellow" title="It was changed meanwhile" role="alert">
          <Text size="sm" mb="xs">
            What you typed is still here, and cannot be saved over that change.
          </Text>
          <Button size="xs" variant="default" onClick={work.again}>
            Drop what I typed, and load it anew
          </Button>
        </Alert>
      )}
      <PolicyBuilder
        key={policy ? `${policy.id} ${policy.updated_at}` : `new ${from ?? ''}`}
        place={place}
        account={account}
        issuers={issuers}
        presets={presets}
        begin={policy ? draftOf(policy) : begin}
        summary={summary}
        policy={policy}
        etag={etag}
        mayChange={may}
        onTyped={work.noteTyped}
        onSaved={work.noteSaved}
      />
    </Page>
  )
}

function Deeds({ place, policy }: { place: AccountPlace; policy: TrustPolicy }) {
  const [asked, ask] = useState<'switch' | 'delete'>()
  const navigate = useNavigate()
  const close = () => ask(undefined)
  const leave = () => void navigate({ to: '/$org/$team/service-accounts/$account', params: place, search: {} })
  return (
    <>
      <Button variant="default" onClick={() => ask('switch')}>
        {policy.state === 'live' ? 'Make it a draft' : 'Make it live'}
      </Button>
      <Button variant="default" color="red" onClick={() => ask('delete')}>
        Delete
      </Button>
      {asked === 'switch' && <SwitchState place={place} policy={policy} onClose={close} />}
      {asked === 'delete' && <DeletePolicy place={place} policy={policy} onClose={close} onDone={leave} />}
    </>
  )
}
