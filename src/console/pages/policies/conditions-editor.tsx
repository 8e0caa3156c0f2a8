import { Button, Stack, Text } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import type { Preset } from '../../wire/shapes.ts'
import { ConditionRow } from './condition-row.tsx'
import { type Row, rowOf } from './draft.ts'

type Props = {
  rows: readonly Row[]
  onChange: (rows: readonly Row[]) => void
  preset: Preset | undefined
  errorAt: (path: string) => string | undefined
}

/** What else the token has to say: all of them have to hold. */
export function ConditionsEditor({ rows, onChange, preset, errorAt }: Props) {
  const controlOf = (claim: string) => preset?.claims.find((one) => one.claim === claim)?.control
  return (
    <Stack gap="sm">
      {rows.length === 0 && (
        <Text size="sm" c="dimmed">
          None yet: the issuer and the subject are all that is asked for.
        </Text>
      )}
      {rows.map((row, at) => (
        <ConditionRow
          key={row.id}
          row={row}
          at={at}
          control={controlOf(row.claim)}
          error={errorAt(`conditions.${at}`)}
          onChange={(changed) => onChange(rows.map((one) => (one.id === row.id ? changed : one)))}
          onRemove={() => onChange(rows.filter(({ id }) => id !== row.id))}
        />
      ))}
      <Button
        variant="default"
        leftSection={<IconPlus size={16} />}
        onClick={() => onChange([...rows, rowOf({ claim: '', op: 'equals', value: '' })])}
        style={{ alignSelf: 'flex-start' }}
      >
        Add a condition by hand
      </Button>
    </Stack>
  )
}
