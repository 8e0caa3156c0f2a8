import { CloseButton, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { useEffect, useState } from 'react'

type Props = { label: string; value: string | undefined; onChange: (value: string) => void; placeholder?: string }

/** Asks when typing pauses. The value lives in the address. */
export function FilterField({ label, value = '', onChange, placeholder }: Props) {
  const [typed, setTyped] = useState(value)
  const say = useDebouncedCallback(onChange, 300)
  useEffect(() => setTyped(value), [value])
  const type = (text: string) => {
    setTyped(text)
    say(text)
  }
  return (
    <TextInput
      label={label}
      placeholder={placeholder ?? ''}
      value={typed}
      onChange={(event) => type(event.currentTarget.value)}
      rightSection={typed ? <CloseButton size="sm" aria-label={`Clear ${label}`} onClick={() => type('')} /> : null}
      autoComplete="off"
      spellCheck={false}
      maxLength={1000}
    />
  )
}
