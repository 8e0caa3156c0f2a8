import { Select, type SelectProps } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useState } from 'react'
import { useList } from '../wire/lists.ts'
import type { Team } from '../wire/shapes.ts'

type Props = Omit<SelectProps, 'data' | 'value' | 'onChange'> & {
  org: string
  /** Its name; '' for none. */
  value: string
  onChange: (team: string) => void
}

/** One of the organization's teams, however many there are: the service looks for what is typed. */
export function TeamPicker({ org, value, onChange, ...props }: Props) {
  const [typed, setTyped] = useState('')
  const [asked] = useDebouncedValue(typed === value ? '' : typed.trim(), 200)
  const { rows, isLoading } = useList<Team>(`/orgs/${org}/teams`, { q: asked }, { limit: 30 })
  const names = rows.map(({ name }) => name)
  const labels = new Map(
    rows.map(({ name, display_name }) => [name, display_name ? `${display_name} (${name})` : name]),
  )
  const shown = value !== '' && !names.includes(value) ? [value, ...names] : names
  return (
    <Select
      searchable
      data={shown}
      // The service has looked already.
      filter={({ options }) => options}
      renderOption={({ option }) => labels.get(option.value) ?? option.value}
      value={value === '' ? null : value}
      onChange={(team) => onChange(team ?? '')}
      searchValue={typed}
      onSearchChange={setTyped}
      nothingFoundMessage={isLoading ? 'Looking…' : 'No team is called so'}
      maxDropdownHeight={260}
      {...props}
    />
  )
}
