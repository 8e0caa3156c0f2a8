import { Radio, Select, Stack, Textarea } from '@mantine/core'
import type { Access } from '../../wire/shapes.ts'

const minutes = [1, 5, 10, 15, 30, 60]
const wordsOf = (seconds: number) => {
  const usual = seconds === 900 ? ' (usual)' : ''
  return seconds % 60 === 0 ? `${seconds / 60} minute${seconds === 60 ? '' : 's'}${usual}` : `${seconds} seconds`
}

export function AccessField({ value, onChange }: { value: Access; onChange: (access: Access) => void }) {
  return (
    <Radio.Group label="Access" value={value} onChange={(access) => onChange(access as Access)}>
      <Stack gap="xs" mt="xs">
        <Radio
          value="write"
          label="Read and write"
          description="What its scope may reach, without a limit of its own"
        />
        <Radio value="read" label="Read only" description="It never writes, whatever a project allows" />
      </Stack>
    </Radio.Group>
  )
}

type LifetimeProps = { value: number; onChange: (seconds: number) => void; error?: string | undefined }

export function LifetimeField({ value, onChange, error }: LifetimeProps) {
  const seconds = [...new Set([...minutes.map((one) => one * 60), value])].sort((one, other) => one - other)
  return (
    <Select
      label="Token lifetime"
      description="How long an access token works. A workload fetches the next one by itself."
      data={seconds.map((one) => ({ value: `${one}`, label: wordsOf(one) }))}
      value={`${value}`}
      onChange={(text) => text && onChange(Number(text))}
      allowDeselect={false}
      error={error}
    />
  )
}

type DescriptionProps = { value: string; onChange: (text: string) => void; error?: string | undefined }

export const DescriptionField = ({ value, onChange, error }: DescriptionProps) => (
  <Textarea
    label="Description"
    description="What it is for, and whom to ask"
    value={value}
    onChange={(event) => onChange(event.currentTarget.value)}
    maxLength={1000}
    autosize
    minRows={2}
    maxRows={6}
    error={error}
  />
)
