import { Button, Collapse, Group, Select, SimpleGrid, Stack, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconFilter, IconFilterOff } from '@tabler/icons-react'
import { TeamPicker } from '../../parts/team-picker.tsx'
import { FilterField } from './filter-field.tsx'
import { type AuditSearch, fieldOf, isFiltered, spans, timeOf } from './filters.ts'
import { eventTypes } from './told.ts'

type Props = {
  org: string
  search: AuditSearch
  onChange: (changes: AuditSearch) => void
  onClear: () => void
}

const kinds = [...new Set(eventTypes.map((type) => type.split('.')[0] as string))]
const groups = kinds.map((kind) => ({
  group: kind.replaceAll('_', ' '),
  items: [
    { value: `${kind}.*`, label: `${kind}.* (all)` },
    ...eventTypes.filter((type) => type.startsWith(`${kind}.`)).map((type) => ({ value: type, label: type })),
  ],
}))
const known = new Set(groups.flatMap(({ items }) => items.map(({ value }) => value)))

const times = [
  ...Object.entries(spans).map(([value, { words }]) => ({ value, label: words })),
  { value: 'custom', label: 'From … to …' },
]

export function FilterBar({ org, search, onChange, onClear }: Props) {
  const { span, from, to, type, result, actor, target, request_id, reason, issuer, service_account, team } = search
  const isMore = [request_id, reason, issuer, service_account, team].some((one) => one !== undefined)
  const [isOpen, { toggle }] = useDisclosure(isMore)
  const isCustom = span === 'custom' || from !== undefined || to !== undefined
  const time = isCustom ? 'custom' : (span ?? null)
  const stranger =
    type !== undefined && !known.has(type) ? [{ group: 'in the address', items: [{ value: type, label: type }] }] : []
  return (
    <Stack gap="sm" role="search" aria-label="Filter the trail">
      <SimpleGrid cols={{ base: 2, md: 5 }} spacing="sm">
        <Select
          label="Time"
          placeholder="Any time"
          data={times}
          value={time}
          onChange={(value) => onChange({ span: value ?? '', from: '', to: '' })}
          clearable
        />
        <Select
          label="Type"
          placeholder="Any type"
          data={[...stranger, ...groups]}
          value={type ?? null}
          onChange={(value) => onChange({ type: value ?? '' })}
          searchable
          clearable
          nothingFoundMessage="No event is called so"
        />
        <Select
          label="Result"
          placeholder="Any result"
          data={[
            { value: 'granted', label: 'Granted' },
            { value: 'refused', label: 'Refused' },
            { value: 'done', label: 'Done' },
          ]}
          value={result ?? null}
          onChange={(value) => onChange({ result: value ?? '' })}
          clearable
        />
        <FilterField
          label="By whom"
          placeholder="Name or id"
          value={actor}
          onChange={(value) => onChange({ actor: value })}
        />
        <FilterField
          label="To what"
          placeholder="Name or id"
          value={target}
          onChange={(value) => onChange({ target: value })}
        />
      </SimpleGrid>
      {isCustom && (
        <SimpleGrid cols={{ base: 1, xs: 2, md: 5 }} spacing="sm">
          {(['from', 'to'] as const).map((end) => (
            <TextInput
              key={end}
              type="datetime-local"
              label={end === 'from' ? 'From (your time)' : 'To (your time)'}
              defaultValue={fieldOf(search[end])}
              onChange={(event) => onChange({ span: 'custom', [end]: timeOf(event.currentTarget.value, end) })}
            />
          ))}
        </SimpleGrid>
      )}
      <Collapse expanded={isOpen}>
        <SimpleGrid cols={{ base: 2, md: 5 }} spacing="sm">
          <FilterField
            label="Request id"
            placeholder="req_…"
            value={request_id}
            onChange={(value) => onChange({ request_id: value })}
          />
          <FilterField
            label="Reason"
            placeholder="token_expired"
            value={reason}
            onChange={(value) => onChange({ reason: value })}
          />
          <FilterField
            label="Issuer"
            placeholder="Name, id or URL"
            value={issuer}
            onChange={(value) => onChange({ issuer: value })}
          />
          <FilterField
            label="Service account"
            placeholder="sa_…"
            value={service_account}
            onChange={(value) => onChange({ service_account: value })}
          />
          <TeamPicker
            org={org}
            label="Team"
            placeholder="Any team"
            value={team ?? ''}
            onChange={(value) => onChange({ team: value })}
            clearable
          />
        </SimpleGrid>
      </Collapse>
      <Group gap="sm">
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconFilter size={16} />}
          onClick={toggle}
          aria-expanded={isOpen}
        >
          {isOpen ? 'Fewer filters' : 'More filters'}
        </Button>
        {(isFiltered(search) || isCustom) && (
          <Button size="compact-sm" variant="subtle" leftSection={<IconFilterOff size={16} />} onClick={onClear}>
            Clear all filters
          </Button>
        )}
      </Group>
    </Stack>
  )
}
