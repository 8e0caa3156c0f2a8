import { ActionIcon, Badge, Fieldset, Group, Paper, Select, Stack, TagsInput, TextInput } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import type { Condition } from '../../wire/shapes.ts'
import { type Kind, type Row, scalarOf, withOp } from './draft.ts'

export const ops = [
  { value: 'equals', label: 'is' },
  { value: 'in', label: 'is one of' },
  { value: 'glob', label: 'fits the pattern' },
  { value: 'exists', label: 'is there' },
]
const kinds = [
  { value: 'string', label: 'text' },
  { value: 'number', label: 'number' },
  { value: 'boolean', label: 'true/false' },
]
const controls: Readonly<Record<string, readonly [color: string, says: string]>> = {
  immutable: ['teal', 'stays'],
  mutable: ['yellow', 'can change hands'],
  attacker_influenced: ['red', 'the job says it'],
}

const mono = { input: { fontFamily: 'var(--mantine-font-family-monospace)' } }

type Props = {
  row: Row
  at: number
  control: string | undefined
  error: string | undefined
  onChange: (row: Row) => void
  onRemove: () => void
}

/** One test on one claim, by hand. */
export function ConditionRow({ row, at, control, error, onChange, onRemove }: Props) {
  const { claim, op, values, kind } = row
  const which = `condition ${at + 1}`
  const said = control === undefined ? undefined : controls[control]
  const setTexts = (texts: readonly string[]) =>
    onChange({
      ...row,
      values: texts.map((text) => values.find((one) => String(one) === text) ?? scalarOf(kind, text)),
    })
  const setKind = (next: string | null) => {
    const fresh = (next ?? 'string') as Kind
    onChange({ ...row, kind: fresh, values: values.map((one) => scalarOf(fresh, String(one))) })
  }
  return (
    <Fieldset variant="unstyled" aria-label={`Condition ${at + 1}: ${claim}`}>
      <Paper withBorder p="xs">
        <Stack gap={6}>
          <Group gap="xs" wrap="nowrap">
            <TextInput
              aria-label={`Claim of ${which}`}
              placeholder="claim, or /json/pointer"
              value={claim}
              onChange={(event) => onChange({ ...row, claim: event.currentTarget.value })}
              style={{ flex: 1, minWidth: 0 }}
              styles={mono}
              autoComplete="off"
              spellCheck={false}
            />
            {said && (
              <Badge color={said[0]} visibleFrom="xs" style={{ flex: 'none' }}>
                {said[1]}
              </Badge>
            )}
            <ActionIcon variant="subtle" color="gray" size="lg" onClick={onRemove} aria-label={`Remove ${which}`}>
              <IconX size={16} />
            </ActionIcon>
          </Group>
          <Group gap="xs" align="flex-start">
            <Select
              aria-label={`Test of ${which}`}
              data={ops}
              value={op}
              onChange={(next) => next && onChange(withOp(row, next as Condition['op']))}
              allowDeselect={false}
              w="9.5rem"
            />
            {op === 'in' ? (
              <TagsInput
                aria-label={`Values of ${which}`}
                placeholder="Enter after each"
                value={values.map(String)}
                onChange={setTexts}
                splitChars={[]}
                acceptValueOnBlur
                error={error}
                style={{ flex: '1 1 12rem' }}
              />
            ) : op === 'exists' ? (
              <Select
                aria-label={`Value of ${which}`}
                data={[
                  { value: 'true', label: 'yes' },
                  { value: 'false', label: 'no: it must be absent' },
                ]}
                value={values[0] === false ? 'false' : 'true'}
                onChange={(text) => onChange({ ...row, values: [text !== 'false'] })}
                allowDeselect={false}
                error={error}
                style={{ flex: '1 1 12rem' }}
              />
            ) : (
              <TextInput
                aria-label={`Value of ${which}`}
                value={String(values[0] ?? '')}
                onChange={(event) => onChange({ ...row, values: [scalarOf(kind, event.currentTarget.value)] })}
                error={error}
                style={{ flex: '1 1 12rem' }}
                styles={mono}
                autoComplete="off"
                spellCheck={false}
              />
            )}
            {op !== 'exists' && op !== 'glob' && (
              <Select
                aria-label={`Kind of value of ${which}`}
                data={kinds}
                value={kind}
                onChange={setKind}
                allowDeselect={false}
                w="7.5rem"
              />
            )}
          </Group>
        </Stack>
      </Paper>
    </Fieldset>
  )
}
