import { Group, Paper, SimpleGrid, Skeleton, Text } from '@mantine/core'
import { IconCircleCheck } from '@tabler/icons-react'
import { PageLink } from '../../parts/page-link.tsx'
import type { Hygiene, HygieneKind } from '../../wire/shapes.ts'
import { kindNames, kinds } from './kinds.ts'

type Props = { org: string; counts: Hygiene['counts'] | undefined; chosen: HygieneKind | undefined }

/** How many there are of each kind; one that is chosen shows those alone. */
export const KindCards = ({ org, counts, chosen }: Props) => (
  <SimpleGrid component="ul" cols={{ base: 1, xs: 2, lg: 3 }} spacing="sm" p={0} m={0} style={{ listStyle: 'none' }}>
    {kindNames.map((kind) => (
      <li key={kind}>
        <Card org={org} kind={kind} count={counts && (counts[kind] ?? 0)} isChosen={kind === chosen} />
      </li>
    ))}
  </SimpleGrid>
)

type CardProps = { org: string; kind: HygieneKind; count: number | undefined; isChosen: boolean }

function Card({ org, kind, count, isChosen }: CardProps) {
  const { title, means, matters } = kinds[kind]
  return (
    <Paper
      withBorder
      p="md"
      h="100%"
      style={
        isChosen
          ? { borderColor: 'var(--mantine-color-anchor)', boxShadow: '0 0 0 1px var(--mantine-color-anchor)' }
          : {}
      }
    >
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <PageLink
          inherit
          to="/$org/hygiene"
          params={{ org }}
          search={isChosen ? {} : { kind }}
          activeOptions={{ exact: true, includeSearch: true }}
          aria-current={isChosen ? 'true' : undefined}
          fw={600}
          replace
          resetScroll={false}
        >
          {title}
        </PageLink>
        <Count count={count} />
      </Group>
      <Text size="sm" mt={4}>
        {means}
      </Text>
      <Text size="sm" c="dimmed" mt={4}>
        {matters}
      </Text>
    </Paper>
  )
}

/** As wide whatever it says, so that the title beside it breaks where it did before. */
const Count = ({ count }: { count: number | undefined }) => (
  <Group gap={4} wrap="nowrap" justify="flex-end" h={28} miw={64} style={{ flexShrink: 0 }}>
    {count === undefined ? (
      <Skeleton height={28} width={28} />
    ) : count === 0 ? (
      <>
        <IconCircleCheck size={18} color="var(--countersign-good)" aria-hidden />
        <Text size="sm" c="var(--countersign-good)">
          None
        </Text>
      </>
    ) : (
      <Text fz="1.375rem" lh="28px" fw={700}>
        {count.toLocaleString('en')}
      </Text>
    )}
  </Group>
)
