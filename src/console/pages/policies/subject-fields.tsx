import { SegmentedControl, Select, Stack, Text, TextInput } from '@mantine/core'
import type { Preset } from '../../wire/shapes.ts'
import type { Draft } from './draft.ts'
import { filled, type Known } from './forms.ts'

type Props = {
  draft: Draft
  onChange: (changes: Partial<Draft>) => void
  preset: Preset | undefined
  known: Known
  error: string | undefined
}

/** The `sub` of the tokens: in a form of the preset, or by hand. */
export function SubjectFields({ draft, onChange, preset, known, error }: Props) {
  const forms = preset?.subject.forms ?? []
  const current = forms.find(({ form }) => filled(form, known) === draft.subject)?.form ?? null
  return (
    <Stack gap="sm">
      {forms.length > 1 && (
        <Select
          label="Form of the subject"
          description="What the platform writes differs by age and kind of the job. A token of it tells for sure."
          placeholder="Another one"
          data={forms.map(({ form, is }) => ({ value: form, label: is }))}
          value={current}
          onChange={(form) => form && onChange({ subject: filled(form, known), match: 'exact' })}
          allowDeselect={false}
        />
      )}
      <TextInput
        label="Subject"
        description="The sub of the token, compared exactly: case and white space count."
        value={draft.subject}
        onChange={(event) => onChange({ subject: event.currentTarget.value })}
        placeholder={preset?.recommended.subject}
        error={error}
        autoComplete="off"
        spellCheck={false}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
      />
      <div>
        <SegmentedControl
          aria-label="How the subject is compared"
          data={[
            { value: 'exact', label: 'Exactly' },
            { value: 'glob', label: 'As a pattern' },
          ]}
          value={draft.match}
          onChange={(match) => onChange({ match: match as Draft['match'] })}
        />
        <Text size="xs" c="dimmed" mt={4}>
          {draft.match === 'glob'
            ? '* stands for any run of characters, : and / too; ? for one.'
            : '* and ? stand for themselves.'}
        </Text>
      </div>
    </Stack>
  )
}
