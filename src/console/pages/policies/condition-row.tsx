import { ActionIcon, Badge, Group, Select, TagsInput, TextInput } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import type { Condition } from '../../wire/shapes.ts'
import { type Kind, type Row, scalarOf, withOp } from './draft.ts'

const ops = [
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
    <Group gap="xs" align="flex-start" role="group" aria-label={`Condition ${at + 1}: ${claim}`}>
      <TextInput
        aria-label={`Claim of ${which}`}
        placeholder="claim, or /json/pointer"
        value={claim}
        onChange={(event) => onChange({ ...row, claim: event.currentTarget.value })}
        style={{ flex: '2 1 12rem' }}
        rightSection={said && <Badge color={said[0]}>{said[1]}</Badge>}
        rightSectionWidth={said ? '8.5rem' : 0}
        autoComplete="off"
        spellCheck={false}
      />
      <Select
        aria-label={`Test of ${which}`}
        data={ops}
        value={op}
        onChange={(next) => next && onChange(withOp(row, next as Condition['op']))}
        allowDeselect={false}
        w={{ base: '100%', xs: '9rem' }}
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
          style={{ flex: '3 1 14rem' }}
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
          style={{ flex: '3 1 14rem' }}
        />
      ) : (
        <TextInput
          aria-label={`Value of ${which}`}
          value={String(values[0] ?? '')}
          onChange={(event) => onChange({ ...row, values: [scalarOf(kind, event.currentTarget.value)] })}
          error={error}
          style={{ flex: '3 1 14rem' }}
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
      <ActionIcon variant="subtle" color="gray" size="lg" onClick={onRemove} aria-label={`Remove ${which}`}>
        <IconX size={16} />
      </ActionIcon>
    </Group>
  )
}
