import { Group, Text } from '@mantine/core'
import { EnabledBadge, HealthBadge, ManagedBadge } from '../../parts/badges.tsx'
import type { Column } from '../../parts/data-list.tsx'
import { PageLink } from '../../parts/page-link.tsx'
import { RelativeTime } from '../../parts/relative-time.tsx'
import type { Issuer } from '../../wire/shapes.ts'
import { PresetName } from './preset-name.tsx'

export function issuerColumns(org: string): Column<Issuer>[] {
  return [
    {
      title: 'Issuer',
      isMain: true,
      cell: (issuer) => (
        <>
          <Group gap="xs">
            <PageLink to="/$org/issuers/$issuer" params={{ org, issuer: issuer.name }} fw={600}>
              {issuer.name}
            </PageLink>
            <ManagedBadge by={issuer.managed_by} />
          </Group>
          <Text size="xs" c="dimmed" className="mono">
            {issuer.issuer}
          </Text>
        </>
      ),
    },
    { title: 'Preset', width: '10rem', cell: ({ preset }) => <PresetName org={org} preset={preset} /> },
    {
      title: 'Health',
      width: '12rem',
      cell: ({ health, enabled }) => (
        <Group gap="xs">{enabled ? <HealthBadge state={health.state} /> : <EnabledBadge enabled={false} />}</Group>
      ),
    },
    { title: 'Audiences', width: '16rem', cell: ({ audiences }) => <AudiencesOf audiences={audiences} /> },
    {
      title: 'Last success',
      width: '9rem',
      cell: ({ health, jwks }) => (jwks ? <span>uploaded</span> : <RelativeTime at={health.last_success} />),
    },
  ]
}

function AudiencesOf({ audiences }: { audiences: readonly string[] }) {
  const [first, ...more] = audiences
  return (
    <Text size="xs" className="mono" title={audiences.join('\n')} lineClamp={2}>
      {first}
      {more.length > 0 && <span> and {more.length} more</span>}
    </Text>
  )
}
