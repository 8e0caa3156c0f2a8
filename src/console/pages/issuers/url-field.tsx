import { Group, Radio, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { Preset } from '../../wire/shapes.ts'
import { filledForm, placeholdersIn } from './url-forms.ts'

type Props = { preset: Preset; value: string; error: string | undefined; onChange: (issuer: string) => void }

/** The URL of the issuer: typed, or put together from what the preset leaves open. */
export function UrlField({ preset, value, error, onChange }: Props) {
  const [form, setForm] = useState(preset.issuers[0]?.url)
  const [values, setValues] = useState<Record<string, string>>({})
  const choose = (url: string) => {
    setForm(url)
    onChange(filledForm(url, values))
  }
  const fill = (name: string, text: string) => {
    const filled = { ...values, [name]: text }
    setValues(filled)
    onChange(filledForm(form ?? '', filled))
  }
  return (
    <Stack gap="sm">
      {preset.issuers.length > 1 && (
        <Radio.Group label="Which one is it?" value={form ?? ''} onChange={choose}>
          <Stack gap={6} mt={6}>
            {preset.issuers.map(({ url, is }) => (
              <Radio
                key={url}
                value={url}
                label={is}
                description={<span className="mono">{url}</span>}
                styles={{ labelWrapper: { minWidth: 0 }, description: { overflowWrap: 'anywhere' } }}
              />
            ))}
          </Stack>
        </Radio.Group>
      )}
      {form !== undefined && placeholdersIn(form).length > 0 && (
        <Group grow align="flex-start" gap="sm">
          {placeholdersIn(form).map((name) => (
            <TextInput
              key={name}
              label={labelOf(name)}
              value={values[name] ?? ''}
              onChange={(event) => fill(name, event.currentTarget.value)}
              spellCheck={false}
              autoComplete="off"
            />
          ))}
        </Group>
      )}
      <TextInput
        label="Issuer URL"
        description="As it stands in the iss of its tokens, to the last character; a slash at the end counts."
        placeholder="https://idp.example.com"
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        error={error}
        required
        type="url"
        spellCheck={false}
        autoComplete="off"
        data-autofocus
      />
    </Stack>
  )
}

/** `tenant_id` is a Tenant id for people. */
const labelOf = (name: string) => name.charAt(0).toUpperCase() + name.slice(1).replaceAll('_', ' ')
