import { Skeleton, Stack } from '@mantine/core'
import { EnabledBadge, ManagedBadge, MethodBadge } from '../../parts/badges.tsx'
import { CodePanel } from '../../parts/code-panel.tsx'
import { Findings } from '../../parts/findings.tsx'
import { LookOnly } from '../../parts/look-only.tsx'
import { Page } from '../../parts/page.tsx'
import { PageLink } from '../../parts/page-link.tsx'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { Section } from '../../parts/section.tsx'
import { Trail } from '../../parts/trail.tsx'
import { useTagged } from '../../wire/objects.ts'
import { mayChange } from '../../wire/rights.ts'
import { useSession } from '../../wire/session.ts'
import type { ServiceAccount } from '../../wire/shapes.ts'
import { KeysSection } from '../keys/keys-section.tsx'
import { PolicyList } from '../policies/policy-list.tsx'
import { AccountDeeds } from './account-deeds.tsx'
import { AccountExchanges } from './account-exchanges.tsx'
import { AccountFacts } from './account-facts.tsx'
import { codesToUse } from './codes-to-use.ts'

export type AccountPlace = {
  org: string
  /** Of a team's account, as the address has it. */
  team?: string | undefined
  /** The account itself, below /api/v1. */
  path: string
}

/** One service account: what it is, how it proves itself, what it did last, and what may be done with it. */
export function AccountView({ org, team, path }: AccountPlace) {
  const { data, error, refetch } = useTagged<ServiceAccount>(path)
  const account = data?.value
  const may = mayChange(useSession().me)
  if (!account)
    return (
      <Page title="Service account" trail={<Back org={org} team={team} />}>
        {error ? <ProblemAlert error={error} retry={() => void refetch()} /> : <Waiting />}
      </Page>
    )
  const owner = `--sa ${account.team === null ? account.id : `${account.team}/${account.name}`}`
  return (
    <Page
      title={account.name}
      trail={<Back org={org} team={team} />}
      about={account.description}
      badges={
        <>
          <MethodBadge method={account.method} />
          <EnabledBadge enabled={account.enabled} />
          <ManagedBadge by={account.managed_by} />
        </>
      }
      actions={may && <AccountDeeds org={org} team={team} path={path} account={account} etag={data.etag} />}
    >
      <LookOnly />
      <AccountFacts account={account} />
      {account.method === 'federated' && team !== undefined ? (
        <>
          {account.findings && account.findings.length > 0 && <Findings findings={account.findings} />}
          <PolicyList org={org} team={team} account={account.name} mayChange={may} />
        </>
      ) : (
        <KeysSection org={org} path={`${path}/keys`} owner={owner} mayChange={may} />
      )}
      <Section title="Use it" about="How a workload becomes this account.">
        <CodePanel label="Use it" codes={codesToUse(org, account)} />
      </Section>
      <AccountExchanges org={org} account={account} />
    </Page>
  )
}

const Back = ({ org, team }: { org: string; team?: string | undefined }) => (
  <Trail>
    {team === undefined ? (
      <PageLink to="/$org/service-accounts" params={{ org }} size="sm">
        Service accounts
      </PageLink>
    ) : (
      <PageLink to="/$org/$team/service-accounts" params={{ org, team }} size="sm">
        Service accounts of {team}
      </PageLink>
    )}
  </Trail>
)

const Waiting = () => (
  <Stack role="status" aria-label="Loading the service account">
    <Skeleton height={190} />
    <Skeleton height={220} />
    <Skeleton height={220} />
  </Stack>
)
