import { Select, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useState } from 'react'
import { useList } from '../wire/lists.ts'
import { isOrgAdmin } from '../wire/rights.ts'
import { useSession } from '../wire/session.ts'
import type { ServiceAccount } from '../wire/shapes.ts'

type Props = {
  org: string
  /** Its admins may look through its accounts; without it, only admins of the organization through all. */
  team?: string
  /** An id. */
  value: string
  onChange: (account: string) => void
  error?: string | undefined
}

/** A service account by its id: searched for by those who may list them, typed by the others. */
export function AccountPicker({ team, ...props }: Props) {
  const { me } = useSession()
  if (isOrgAdmin(me)) return <Search path={`/orgs/${props.org}/service-accounts`} {...props} />
  if (team !== undefined) return <Search path={`/orgs/${props.org}/teams/${team}/service-accounts`} {...props} />
  return (
    <TextInput
      label="Id of the service account"
      description="It begins with sa_; admins of the team see it on the account’s page."
      required
      autoComplete="off"
      spellCheck={false}
      value={props.value}
      onChange={(event) => props.onChange(event.currentTarget.value)}
      error={props.error}
      data-autofocus
    />
  )
}

const labelOf = ({ name, team }: ServiceAccount) =>
  `${name} (${team === null ? 'of the organization' : `team ${team}`})`

function Search({ path, value, onChange, error }: Omit<Props, 'team'> & { path: string }) {
  const [typed, setTyped] = useState('')
  const [q] = useDebouncedValue(typed, 200)
  const [chosen, setChosen] = useState<ServiceAccount>()
  const isChosen = chosen !== undefined && typed === labelOf(chosen)
  const { rows, isLoading, isStale } = useList<ServiceAccount>(path, { q: isChosen ? '' : q }, { limit: 20 })
  const known = chosen && !rows.some(({ id }) => id === chosen.id) ? [chosen, ...rows] : rows
  return (
    <Select
      label="Service account"
      placeholder="Search by name"
      required
      searchable
      // The service has searched.
      filter={({ options }) => options}
      data={known.map((account) => ({ value: account.id, label: labelOf(account) }))}
      value={value === '' ? null : value}
      onChange={(to) => {
        setChosen(known.find(({ id }) => id === to))
        onChange(to ?? '')
      }}
      searchValue={typed}
      onSearchChange={setTyped}
      nothingFoundMessage={isLoading || isStale ? 'Searching…' : 'No service account has this in its name'}
      error={error}
      openOnFocus={false}
      comboboxProps={{ withinPortal: false }}
      data-autofocus
    />
  )
}
