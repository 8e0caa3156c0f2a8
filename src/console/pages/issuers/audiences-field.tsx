import { Button, Group, TagsInput, Text } from '@mantine/core'
import type { Preset } from '../../wire/shapes.ts'

type Props = {
  /** Null: the organization's own. */
  value: string[] | null
  own: readonly string[]
  preset: Preset | undefined
  error: string | undefined
  onChange: (audiences: string[] | null) => void
}

/** For whom a token must have been made to be taken here. */
export function AudiencesField({ value, own, preset, error, onChange }: Props) {
  return (
    <div>
      <TagsInput
        label="Audiences"
        description="A token is taken only when it was made for one of these: its aud, compared to the letter."
        value={value ?? [...own]}
        onChange={(audiences) => onChange(audiences)}
        error={error}
        acceptValueOnBlur
        splitChars={[',', ' ']}
        maxTags={32}
        placeholder={value?.length === 0 ? 'One at least' : ''}
        clearable={false}
      />
      {preset && preset.name !== 'custom' && (
        <Text size="xs" c="dimmed" mt={4}>
          {preset.title}: {preset.audience.advice}
        </Text>
      )}
      {value !== null && (
        <Group mt={4}>
          <Button size="compact-xs" variant="subtle" onClick={() => onChange(null)}>
            Back to the organization’s own
          </Button>
        </Group>
      )}
    </div>
  )
}
