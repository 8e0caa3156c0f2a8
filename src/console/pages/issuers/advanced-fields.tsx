import { Checkbox, MultiSelect, Select, SimpleGrid, Stack, TextInput } from '@mantine/core'
import { subjectAlgorithms } from '../../../protocol/oauth.ts'
import type { Preset } from '../../wire/shapes.ts'
import type { IssuerDraft } from './issuer-draft.ts'

type Props = {
  draft: IssuerDraft
  change: (changes: Partial<IssuerDraft>) => void
  errors: Record<string, string>
  presets: readonly Preset[]
  preset: Preset | undefined
}

/** What hardly anybody has to change. */
export function AdvancedFields({ draft, change, errors, presets, preset }: Props) {
  return (
    <Stack gap="md">
      <Select
        label="Preset"
        description="What it is: its tokens are judged by what is known of it."
        placeholder="By its URL"
        data={presets.map(({ name, title }) => ({ value: name, label: title }))}
        value={draft.preset}
        onChange={(value) => change({ preset: value })}
        error={errors.preset}
        clearable
        clearButtonProps={{ 'aria-label': 'Clear the preset' }}
      />
      <MultiSelect
        label="Algorithms"
        description="A provider signs with one or two; name them and no other is taken."
        placeholder={draft.algorithms.length === 0 ? 'All that are safe' : ''}
        data={[...subjectAlgorithms]}
        value={draft.algorithms}
        onChange={(algorithms) => change({ algorithms })}
        error={errors.algorithms}
        clearButtonProps={{ 'aria-label': 'Clear the algorithms' }}
      />
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md">
        <Seconds
          label="Clock tolerance"
          description="Seconds, 0 to 300"
          byItself="60"
          value={draft.clockTolerance}
          error={errors.clock_tolerance}
          onChange={(clockTolerance) => change({ clockTolerance })}
        />
        <Seconds
          label="Oldest token"
          description="Seconds since it was issued, from 60 on"
          byItself={`${preset?.max_token_age ?? 86_400}`}
          value={draft.maxTokenAge}
          error={errors.max_token_age}
          onChange={(maxTokenAge) => change({ maxTokenAge })}
        />
      </SimpleGrid>
      <Checkbox
        label="Each token once only"
        description="A token that was exchanged is refused the next time: a stolen one is worth nothing."
        checked={draft.singleUse}
        onChange={(event) => change({ singleUse: event.currentTarget.checked })}
      />
      {draft.singleUse && (
        <Seconds
          label="Grace for the same token again"
          description="Seconds, 0 to 60, for clients known to exchange twice"
          byItself="0"
          value={draft.singleUseGrace}
          error={errors.single_use_grace}
          onChange={(singleUseGrace) => change({ singleUseGrace })}
        />
      )}
      <Checkbox
        label="Access tokens end with the token that they were got with"
        checked={draft.boundLifetime}
        onChange={(event) => change({ boundLifetime: event.currentTarget.checked })}
      />
      <Checkbox
        label="Take tokens that were made for others besides"
        description="Whoever else they were made for could use them here."
        checked={draft.extraAudiences}
        onChange={(event) => change({ extraAudiences: event.currentTarget.checked })}
      />
      <Checkbox
        label="Its tokens stand for people too"
        description="Where no service account matches, a user of the organization is looked for."
        checked={draft.users}
        onChange={(event) => change({ users: event.currentTarget.checked })}
      />
      {draft.users && (
        <Select
          label="A person is known by"
          data={[
            { value: 'sub', label: 'the subject (sub), which is their user name' },
            { value: 'email', label: 'the verified e-mail address (email)' },
          ]}
          value={draft.userClaim}
          onChange={(userClaim) => change({ userClaim: userClaim === 'email' ? 'email' : 'sub' })}
          allowDeselect={false}
        />
      )}
    </Stack>
  )
}

type SecondsProps = {
  label: string
  description: string
  byItself: string
  value: string
  error: string | undefined
  onChange: (value: string) => void
}

const Seconds = ({ label, description, byItself, value, error, onChange }: SecondsProps) => (
  <TextInput
    label={label}
    description={description}
    placeholder={byItself}
    value={value}
    onChange={(event) => onChange(event.currentTarget.value.replace(/\D/g, ''))}
    error={error}
    inputMode="numeric"
    maxLength={8}
  />
)
