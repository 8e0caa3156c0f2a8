import { Group, Select, Stack, Text } from '@mantine/core'
import { EnabledBadge, HealthBadge } from '../../parts/badges.tsx'
import { PageLink } from '../../parts/page-link.tsx'
import type { Issuer, Preset } from '../../wire/shapes.ts'

type Props = {
  org: string
  issuers: readonly Issuer[]
  presets: readonly Preset[]
  value: Issuer | undefined
  onChange: (name: string) => void
  error?: string | undefined
}

/** Who signs the tokens: what is known of them, and whether their keys can be had. */
export function IssuerPicker({ org, issuers, presets, value, onChange, error }: Props) {
  const titleOf = (issuer: Issuer) => presets.find(({ name }) => name === issuer.preset)?.title ?? 'no preset'
  return (
    <Stack gap="xs">
      <Select
        label="Issuer"
        description="Whose signature the tokens bear."
        placeholder="Choose an issuer"
        data={issuers.map((issuer) => ({ value: issuer.name, label: `${issuer.name} (${titleOf(issuer)})` }))}
        value={value?.name ?? null}
        onChange={(name) => name && onChange(name)}
        searchable={issuers.length > 8}
        allowDeselect={false}
        error={error}
      />
      {value && (
        <Group gap="xs">
          <HealthBadge state={value.health.state} />
          {!value.enabled && <EnabledBadge enabled={false} />}
          <Text size="sm" c="dimmed" className="mono">
            {value.issuer}
          </Text>
          <PageLink to="/$org/issuers/$issuer" params={{ org, issuer: value.name }} size="sm">
            About this issuer
          </PageLink>
        </Group>
      )}
    </Stack>
  )
}
