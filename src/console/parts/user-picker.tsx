import { Select, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useState } from 'react'
import { useList } from '../wire/lists.ts'
import { isOrgAdmin } from '../wire/rights.ts'
import { useSession } from '../wire/session.ts'
import type { User } from '../wire/shapes.ts'

type Props = { org: string; value: string; onChange: (user: string) => void; error?: string | undefined }

/** A user of the organization: searched for by those who may list them, typed by the others. */
export function UserPicker({ org, value, onChange, error }: Props) {
  const { me } = useSession()
  return isOrgAdmin(me) ? (
    <Search org={org} value={value} onChange={onChange} error={error} />
  ) : (
    <TextInput
      label="User name"
      description="As it is written in the organization. Only admins of the organization can look through its users."
      required
      autoComplete="off"
      spellCheck={false}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      error={error}
      data-autofocus
    />
  )
}

const labelOf = ({ username, email }: User) => `${username} (${email})`

function Search({ org, value, onChange, error }: Props) {
  const [typed, setTyped] = useState('')
  const [q] = useDebouncedValue(typed, 200)
  const [chosen, setChosen] = useState<User>()
  const isChosen = chosen !== undefined && typed === labelOf(chosen)
  const { rows, isLoading, isStale } = useList<User>(`/orgs/${org}/users`, { q: isChosen ? '' : q }, { limit: 20 })
  const known = chosen && !rows.some(({ id }) => id === chosen.id) ? [chosen, ...rows] : rows
  return (
    <Select
      label="User"
      placeholder="Search by name or e-mail address"
      required
      searchable
      // The service has searched.
      filter={({ options }) => options}
      data={known.map((user) => ({ value: user.username, label: labelOf(user) }))}
      value={value === '' ? null : value}
      onChange={(to) => {
        setChosen(known.find(({ username }) => username === to))
        onChange(to ?? '')
      }}
      searchValue={typed}
      onSearchChange={setTyped}
      nothingFoundMessage={isLoading || isStale ? 'Searching…' : 'No user has this in name or address'}
      error={error}
      openOnFocus={false}
      comboboxProps={{ withinPortal: false }}
      data-autofocus
    />
  )
}
