import { SimpleGrid, Skeleton, Stack, Text } from '@mantine/core'
import { IconWorldWww } from '@tabler/icons-react'
import { PageButton } from '../../parts/page-link.tsx'
import type { Preset } from '../../wire/shapes.ts'

/** Which provider is it? What is known of one fills the form, and judges its policies later. */
export function PresetGrid({ org, presets }: { org: string; presets: readonly Preset[] | undefined }) {
  return (
    <Stack gap="md">
      <Text size="sm">
        Who signs the tokens of your workloads? Of a provider that is known here, the form is filled in and its policies
        are judged by what its tokens say.
      </Text>
      <SimpleGrid cols={{ base: 1, sm: 2, md: 3 }} spacing="sm">
        {presets ? presets.map((preset) => <PresetCard key={preset.name} org={org} preset={preset} />) : <Cards />}
      </SimpleGrid>
    </Stack>
  )
}

const Cards = () =>
  // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike
  Array.from({ length: 12 }, (_, card) => <Skeleton key={card} height={76} radius="md" />)

function PresetCard({ org, preset }: { org: string; preset: Preset }) {
  const isOwn = preset.name === 'custom'
  return (
    <PageButton
      to="/$org/issuers"
      params={{ org }}
      search={(before) => ({ ...before, add: preset.name })}
      replace
      variant="default"
      h="auto"
      mih={76}
      px="md"
      py="sm"
      justify="flex-start"
      {...(isOwn ? { leftSection: <IconWorldWww size={20} aria-hidden /> } : {})}
      styles={{ label: { whiteSpace: 'normal', display: 'block', textAlign: 'left' } }}
    >
      <Text span fw={600} size="sm" display="block">
        {isOwn ? 'Another, by its URL' : preset.title}
      </Text>
      <Text span size="xs" c="dimmed" display="block" lh={1.45}>
        {isOwn ? 'Any OpenID Connect provider, or uploaded keys' : hostOf(preset)}
      </Text>
    </PageButton>
  )
}

/** Where its issuers are; `…` for what is another one for everybody. */
function hostOf({ issuers }: Preset): string {
  const [first] = issuers
  if (!first || first.url === 'https://{host}') return 'a host of your own'
  return first.url.replace('https://', '').replace(/\{\w+\}/g, '…')
}
