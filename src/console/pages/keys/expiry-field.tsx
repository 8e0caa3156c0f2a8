import { Alert, Select, Stack, Text, TextInput } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { absolute } from '../../parts/relative-time.tsx'
import { type Expiry, endOf, type Life, lives } from './expiry.ts'

const words: Record<Life, string> = {
  30: '30 days',
  60: '60 days',
  90: '90 days',
  180: '180 days',
  365: '365 days',
  date: 'On a day of your choice',
  never: 'Never',
}

/** How long a key shall live, with the day that this comes to. */
export function ExpiryField({
  value,
  onChange,
  error,
}: {
  value: Expiry
  onChange: (value: Expiry) => void
  error?: string | undefined
}) {
  const end = endOf(value, Date.now())
  return (
    <Stack gap="xs">
      <Select
        label="Expires"
        data={lives.map((life) => ({ value: life, label: words[life] }))}
        value={value.life}
        onChange={(life) => life && onChange({ ...value, life: life as Life })}
        allowDeselect={false}
        error={value.life === 'date' ? undefined : error}
      />
      {value.life === 'date' && (
        <TextInput
          type="date"
          label="Last day"
          required
          value={value.date}
          min={new Date().toISOString().slice(0, 10)}
          onChange={(event) => onChange({ ...value, date: event.currentTarget.value })}
          error={error ?? (value.date !== '' && end === undefined ? 'This day is over' : undefined)}
        />
      )}
      {end === null ? (
        <Alert color="yellow" icon={<IconAlertTriangle />} title="A key that never expires" py="xs">
          <Text size="sm">
            Whoever finds it may use it until somebody revokes it. Choose a day, and rotate the key before it comes.
          </Text>
        </Alert>
      ) : (
        end && (
          <Text size="sm" c="dimmed" aria-live="polite">
            It ends on {absolute(end)}.
          </Text>
        )
      )}
    </Stack>
  )
}
