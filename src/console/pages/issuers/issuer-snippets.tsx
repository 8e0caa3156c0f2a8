import { Select, Skeleton, Stack } from '@mantine/core'
import { useState } from 'react'
import { CodePanel } from '../../parts/code-panel.tsx'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { Section } from '../../parts/section.tsx'
import { useObject } from '../../wire/objects.ts'
import { isOrgAdmin } from '../../wire/rights.ts'
import { useSession } from '../../wire/session.ts'
import type { Dependants, Preset } from '../../wire/shapes.ts'

/** What stands in the job, for one of the accounts that depend on it. */
export function IssuerSnippets({ org, path, preset }: { org: string; path: string; preset: string }) {
  const { data: dependants } = useObject<Dependants>(isOrgAdmin(useSession().me) ? `${path}/dependants` : undefined)
  const [chosen, choose] = useState<string | null>(null)
  const accounts = (dependants?.items ?? []).map(({ name, team, id }) => (team ? `${team}/${name}` : id))
  const account = chosen ?? accounts[0]
  const { data, error, refetch } = useObject<Preset>(`/orgs/${org}/presets/${preset}`, { service_account: account })
  return (
    <Section title="In the job" about="How a workload of this issuer gets an access token.">
      <Stack gap="md">
        {accounts.length > 0 && (
          <Select
            label="As the service account"
            data={[...new Set(accounts)]}
            value={account ?? null}
            onChange={choose}
            allowDeselect={false}
            maw={360}
            searchable
          />
        )}
        {error ? (
          <ProblemAlert error={error} retry={() => void refetch()} />
        ) : data ? (
          <CodePanel
            key={account ?? ''}
            label="In the job"
            codes={data.snippets.map(({ title, language, text }) => ({ title, text, note: language }))}
          />
        ) : (
          <Skeleton height={200} role="status" aria-label="Loading the snippets" />
        )}
      </Stack>
    </Section>
  )
}
