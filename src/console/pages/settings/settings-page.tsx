import { Button, Group, Skeleton, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { CodePanel } from '../../parts/code-panel.tsx'
import { Copyable } from '../../parts/copy.tsx'
import { Facts } from '../../parts/facts.tsx'
import { LookOnly } from '../../parts/look-only.tsx'
import { Page } from '../../parts/page.tsx'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { Section } from '../../parts/section.tsx'
import { settingsRoute } from '../../router.ts'
import { serviceUrl } from '../../wire/base.ts'
import { useDeed } from '../../wire/deeds.ts'
import { useTagged } from '../../wire/objects.ts'
import { api, type Tagged } from '../../wire/request.ts'
import { isOrgAdmin, mayChangeOrg } from '../../wire/rights.ts'
import { useSession } from '../../wire/session.ts'
import type { Organization } from '../../wire/shapes.ts'
import { AsFile } from './as-file.tsx'

/** What the organization is called, and what its jobs and APIs are told. */
export function SettingsPage() {
  const { org } = settingsRoute.useParams()
  const { me } = useSession()
  const { data, error, refetch } = useTagged<Organization>(`/orgs/${org}`)
  const name = data?.value.name ?? org
  const url = `${serviceUrl}/orgs/${name}`
  const isAdmin = isOrgAdmin(me)
  return (
    <Page title="Settings">
      <ProblemAlert error={error} retry={() => void refetch()} />
      <Section title="What jobs are told" about="A job needs the organization’s URL and nothing else.">
        <Stack>
          <Facts
            rows={[
              ['Organization’s URL, and audience', <Copyable key="url" text={url} what="organization’s URL" />],
              ['Token endpoint', <Copyable key="token" text={`${serviceUrl}/oauth/token`} what="token endpoint" />],
              ['Keys of our tokens', <Copyable key="jwks" text={`${serviceUrl}/oauth/jwks`} what="key set URL" />],
              ['Issuer of our tokens', <Copyable key="iss" text={serviceUrl} what="issuer" />],
            ]}
          />
          <CodePanel
            label="In a job"
            codes={[
              { title: 'CLI', text: `COUNTERSIGN_URL=${url} countersign run -- ./train.sh` },
              { title: 'SDK', text: `const tokens = createTokenProvider({ url: '${url}' })` },
            ]}
          />
        </Stack>
      </Section>
      {/* As high as what comes in its place. */}
      {!data && !error && isAdmin && <Skeleton height={203} role="status" aria-label="Loading the name" />}
      {data && isAdmin && <DisplayName key={data.etag} org={org} tagged={data} />}
      {isAdmin && <AsFile org={org} name={name} />}
    </Page>
  )
}

function DisplayName({ org, tagged }: { org: string; tagged: Tagged<Organization> }) {
  const may = mayChangeOrg(useSession().me)
  const form = useForm({ initialValues: { display_name: tagged.value.display_name ?? '' } })
  const save = useDeed(
    ({ display_name }: { display_name: string }) =>
      api.patch(`/orgs/${org}`, { display_name: display_name.trim() || null }, {}, tagged.etag),
    { says: () => 'The display name is saved.' },
  )
  return (
    <Section
      title="Name"
      about={`“${tagged.value.name}” is part of addresses and audiences, and stays. People are shown this one:`}
    >
      <form onSubmit={form.onSubmit((values) => save.mutate(values))}>
        <Stack>
          <TextInput
            label="Display name"
            maxLength={200}
            maw={420}
            readOnly={!may}
            {...form.getInputProps('display_name')}
          />
          <ProblemAlert error={save.error} title="Not saved" />
          {may ? (
            <Group>
              <Button type="submit" loading={save.isPending} disabled={!form.isDirty()}>
                Save
              </Button>
            </Group>
          ) : (
            <LookOnly />
          )}
        </Stack>
      </form>
    </Section>
  )
}
