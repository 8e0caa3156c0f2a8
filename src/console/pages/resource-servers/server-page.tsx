import { Alert, Button } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconPencil, IconTrash } from '@tabler/icons-react'
import { ManagedBadge } from '../../parts/badges.tsx'
import { CodePanel } from '../../parts/code-panel.tsx'
import { Copyable } from '../../parts/copy.tsx'
import { Facts } from '../../parts/facts.tsx'
import { LookOnly } from '../../parts/look-only.tsx'
import { Page } from '../../parts/page.tsx'
import { PageLink } from '../../parts/page-link.tsx'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { RelativeTime } from '../../parts/relative-time.tsx'
import { Section } from '../../parts/section.tsx'
import { Trail } from '../../parts/trail.tsx'
import { serverRoute } from '../../router.ts'
import { serviceUrl } from '../../wire/base.ts'
import { useObject } from '../../wire/objects.ts'
import { isOrgAdmin, mayChangeOrg } from '../../wire/rights.ts'
import { useSession } from '../../wire/session.ts'
import type { ResourceServer } from '../../wire/shapes.ts'
import { KeysSection } from '../keys/keys-section.tsx'
import { DeleteServer } from './delete-server.tsx'
import { EditServer } from './edit-server.tsx'
import { protectCodes } from './protect-codes.ts'

export function ServerPage() {
  const { org, server: id } = serverRoute.useParams()
  const { me } = useSession()
  const isAdmin = isOrgAdmin(me)
  const may = mayChangeOrg(me)
  const path = `/orgs/${org}/resource-servers/${id}`
  const { data: server, error, refetch, isPending } = useObject<ResourceServer>(isAdmin ? path : undefined)
  const [isEditing, editing] = useDisclosure()
  const [isDeleting, deleting] = useDisclosure()
  if (!isAdmin)
    return (
      <Page title="Resource server">
        <Alert color="blue" title="Shown to admins of the organization">
          To call such an API you need no page: send it your token.
        </Alert>
      </Page>
    )
  return (
    <Page
      title={server?.name ?? id}
      trail={
        <Trail>
          <PageLink to="/$org/resource-servers" params={{ org }} size="sm">
            Resource servers
          </PageLink>
        </Trail>
      }
      about="An API that accepts the tokens and keys of this organization"
      badges={<ManagedBadge by={server?.managed_by ?? null} />}
      actions={
        may &&
        server && (
          <>
            <Button variant="default" leftSection={<IconPencil size={16} />} onClick={editing.open}>
              Rename
            </Button>
            <Button variant="default" leftSection={<IconTrash size={16} />} onClick={deleting.open}>
              Delete
            </Button>
          </>
        )
      }
    >
      <LookOnly />
      {error && <ProblemAlert error={error} retry={() => void refetch()} />}
      {isPending && <div role="status" aria-label="Loading the resource server" style={{ minHeight: '24rem' }} />}
      {server && (
        <>
          <Section title="About">
            <Facts
              rows={[
                ['Audience', <Copyable key="audience" text={server.audience} what="audience" />],
                ['Id', <Copyable key="id" text={server.id} what="id" />],
                ['Created', <RelativeTime key="created" at={server.created_at} />],
                ['Changed', <RelativeTime key="changed" at={server.updated_at} />],
              ]}
            />
          </Section>
          <KeysSection org={org} path={`${path}/keys`} owner={`--resource-server ${server.name}`} mayChange={may} />
          <Section title="How it asks" about="Its key is in $SERVER, what its caller sent in $TOKEN.">
            <CodePanel label="How the API asks" codes={protectCodes(serviceUrl, org, server.audience)} />
          </Section>
          {isEditing && <EditServer org={org} id={server.id} onClose={editing.close} />}
          {isDeleting && <DeleteServer org={org} server={server} onClose={deleting.close} />}
        </>
      )}
    </Page>
  )
}
