import { Select } from '@mantine/core'

type Props = { value: string | undefined; onChange: (method: string) => void }

export const MethodFilter = ({ value, onChange }: Props) => (
  <Select
    aria-label="Authentication method"
    placeholder="Any method"
    data={[
      { value: 'api_key', label: 'API key' },
      { value: 'federated', label: 'Federated' },
    ]}
    value={value ?? null}
    onChange={(method) => onChange(method ?? '')}
    clearable
    w={160}
  />
)
