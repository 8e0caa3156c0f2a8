import { Badge, Group, Skeleton, Table, Text } from '@mantine/core'
import { PageButton, PageLink } from '../../parts/page-link.tsx'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { RelativeTime } from '../../parts/relative-time.tsx'
import { Section } from '../../parts/section.tsx'
import { useObject } from '../../wire/objects.ts'
import type { Dependants, Issuer } from '../../wire/shapes.ts'
import { counted } from './who-is-stopped.tsx'

type Props = { org: string; path: string; issuer: Issuer }
type Item = Dependants['items'][number]

/** Which service accounts its tokens become, and how often they did lately. */
export function IssuerDependants({ org, path, issuer }: Props) {
  const { data, error, refetch } = useObject<Dependants>(`${path}/dependants`)
  return (
    <Section
      title="Who depends on it"
      about={
        data && (
          <>
            {counted(data.accounts, 'service account')} by{' '}
            {counted(data.policies, 'trust policy', 'trust policies').toLowerCase()}; {data.exchanges.granted} exchanges
            granted and {data.exchanges.refused} refused since <RelativeTime at={data.exchanges.since} />
          </>
        )
      }
      actions={
        <PageButton
          to="/$org/exchanges"
          params={{ org }}
          search={{ issuer: issuer.issuer }}
          size="xs"
          variant="default"
        >
          Its exchanges
        </PageButton>
      }
    >
      {error ? (
        <ProblemAlert error={error} retry={() => void refetch()} />
      ) : !data ? (
        <Skeleton height={120} role="status" aria-label="Loading who depends on it" />
      ) : data.items.length === 0 ? (
        <Text size="sm" c="dimmed">
          No trust policy names it yet, so its tokens get nothing. Make a service account with federated identity, in a
          team or for the organization, and let it trust a subject of this issuer.
        </Text>
      ) : (
        <Table aria-label="Who depends on it" verticalSpacing={6} fz="sm" layout="fixed">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Service account</Table.Th>
              <Table.Th w="6rem">Policies</Table.Th>
              <Table.Th w="7rem">Last used</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {data.items.map((item) => (
              <Table.Tr key={item.id}>
                <Table.Td>
                  <Group gap="xs">
                    <AccountLink org={org} item={item} />
                    {!item.enabled && <Badge color="gray">Disabled</Badge>}
                  </Group>
                </Table.Td>
                <Table.Td>{item.policies}</Table.Td>
                <Table.Td>
                  <RelativeTime at={item.last_used_at} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      {data && data.accounts > data.items.length && (
        <Text size="sm" mt="xs" c="dimmed">
          The first {data.items.length} of {data.accounts}.
        </Text>
      )}
    </Section>
  )
}

function AccountLink({ org, item: { id, name, team } }: { org: string; item: Item }) {
  if (team === null)
    return (
      <PageLink to="/$org/service-accounts/$account" params={{ org, account: id }} fz="sm">
        {name}
      </PageLink>
    )
  return (
    <PageLink to="/$org/$team/service-accounts/$account" params={{ org, team, account: name }} fz="sm">
      {team}/{name}
    </PageLink>
  )
}
