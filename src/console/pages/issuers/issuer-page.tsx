import { Button, Group, SimpleGrid, Skeleton, Stack } from '@mantine/core'
import { IconPencil, IconStethoscope } from '@tabler/icons-react'
import { useState } from 'react'
import { EnabledBadge, HealthBadge, ManagedBadge } from '../../parts/badges.tsx'
import { Findings } from '../../parts/findings.tsx'
import { LookOnly } from '../../parts/look-only.tsx'
import { Page } from '../../parts/page.tsx'
import { PageButton, PageLink } from '../../parts/page-link.tsx'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { Section } from '../../parts/section.tsx'
import { Trail } from '../../parts/trail.tsx'
import { issuerRoute } from '../../router.ts'
import { useTagged } from '../../wire/objects.ts'
import { isOrgAdmin, mayChangeOrg } from '../../wire/rights.ts'
import { useSession } from '../../wire/session.ts'
import type { Issuer } from '../../wire/shapes.ts'
import { CheckNow } from './check-now.tsx'
import { EditIssuer } from './edit-issuer.tsx'
import { EndIssuer, SwitchIssuer } from './issuer-deeds.tsx'
import { IssuerDependants } from './issuer-dependants.tsx'
import { IssuerFacts } from './issuer-facts.tsx'
import { IssuerHealthSection } from './issuer-health.tsx'
import { IssuerSnippets } from './issuer-snippets.tsx'

/** One issuer: what is believed of it, how its keys stand, who depends on it, and how it is stopped. */
export function IssuerPage() {
  const { org, issuer: name } = issuerRoute.useParams()
  const found = useTagged<Issuer>(`/orgs/${org}/issuers/${name}`)
  if (found.data) return <Known org={org} issuer={found.data.value} etag={found.data.etag} />
  return (
    <Page title={name}>
      {found.error ? (
        <ProblemAlert error={found.error} retry={() => void found.refetch()} />
      ) : (
        <Stack gap="lg" role="status" aria-label="Loading the issuer">
          <Skeleton height={320} radius="md" />
          <Skeleton height={220} radius="md" />
        </Stack>
      )}
    </Page>
  )
}

function Known({ org, issuer, etag }: { org: string; issuer: Issuer; etag: string | undefined }) {
  const { me } = useSession()
  const { edit } = issuerRoute.useSearch()
  const navigate = issuerRoute.useNavigate()
  const [isChecking, check] = useState(false)
  const isAdmin = isOrgAdmin(me)
  const mayChange = mayChangeOrg(me)
  const { name, findings = [] } = issuer
  const path = `/orgs/${org}/issuers/${issuer.id}`
  const actions = isAdmin && (
    <>
      <Button variant="default" leftSection={<IconStethoscope size={16} />} onClick={() => check(true)}>
        Check now
      </Button>
      {mayChange && (
        <>
          <PageButton
            to="/$org/issuers/$issuer"
            params={{ org, issuer: name }}
            search={{ edit: '1' }}
            variant="default"
            leftSection={<IconPencil size={16} />}
          >
            Edit
          </PageButton>
          <SwitchIssuer org={org} path={path} issuer={issuer} />
        </>
      )}
    </>
  )
  return (
    <Page
      title={name}
      trail={
        <Trail>
          <PageLink to="/$org/issuers" params={{ org }} size="sm">
            Issuers
          </PageLink>
        </Trail>
      }
      about={<span className="mono">{issuer.issuer}</span>}
      badges={
        <Group gap="xs">
          <EnabledBadge enabled={issuer.enabled} />
          {issuer.enabled && <HealthBadge state={issuer.health.state} />}
          <ManagedBadge by={issuer.managed_by} />
        </Group>
      }
      actions={actions}
    >
      {!mayChange && <LookOnly>Issuers are changed by admins of the organization.</LookOnly>}
      {findings.length > 0 && <Findings findings={findings} />}
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg">
        <Section title="What is believed">
          <IssuerFacts org={org} issuer={issuer} />
        </Section>
        <IssuerHealthSection path={path} issuer={issuer} mayChange={mayChange} />
      </SimpleGrid>
      {isAdmin && <IssuerDependants org={org} path={path} issuer={issuer} />}
      <IssuerSnippets org={org} path={path} preset={issuer.preset ?? 'custom'} />
      {mayChange && <EndIssuer org={org} path={path} issuer={issuer} />}
      {isAdmin && isChecking && <CheckNow path={path} issuer={issuer} onClose={() => check(false)} />}
      {mayChange && (
        <EditIssuer
          org={org}
          path={path}
          issuer={issuer}
          etag={etag}
          opened={edit === '1'}
          onClose={(to = name) =>
            void navigate({ to: '/$org/issuers/$issuer', params: { org, issuer: to }, replace: true })
          }
        />
      )}
    </Page>
  )
}
