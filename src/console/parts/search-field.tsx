import { CloseButton, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { useEffect, useState } from 'react'

type Props = { label: string; value: string; onChange: (value: string) => void; placeholder?: string }

/** Asks when typing pauses. The value lives in the address; this holds what is being typed. */
export function SearchField({ label, value, onChange, placeholder = label }: Props) {
  const [typed, setTyped] = useState(value)
  const say = useDebouncedCallback(onChange, 200)
  useEffect(() => setTyped(value), [value])
  const type = (text: string) => {
    setTyped(text)
    say(text)
  }
  return (
    <TextInput
      type="search"
      aria-label={label}
      placeholder={placeholder}
      leftSection={<IconSearch size={16} aria-hidden />}
      rightSection={typed ? <CloseButton aria-label="Clear" onClick={() => type('')} /> : null}
      value={typed}
      onChange={(event) => type(event.currentTarget.value)}
      w={{ base: '100%', sm: 260 }}
      maxLength={64}
    />
  )
}
