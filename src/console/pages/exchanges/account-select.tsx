import { Select } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQueries } from '@tanstack/react-query'
import { useState } from 'react'
import { useObject } from '../../wire/objects.ts'
import { api } from '../../wire/request.ts'
import { isOrgAdmin, teamsOf } from '../../wire/rights.ts'
import { useSession } from '../../wire/session.ts'
import type { Page, ServiceAccount } from '../../wire/shapes.ts'

type Props = {
  org: string
  label: string
  isLabelShown?: boolean
  description?: string
  placeholder?: string
  /** An account's id. */
  value: string | null
  onChange: (account: ServiceAccount | undefined) => void
  method?: 'federated'
}

const called = ({ team, name }: ServiceAccount) => (team === null ? name : `${team}/${name}`)

/** One service account, found by what is typed. */
export function AccountSelect({ org, label, isLabelShown = false, value, onChange, method, ...rest }: Props) {
  const [typed, setTyped] = useState('')
  const [q] = useDebouncedValue(typed.slice(typed.indexOf('/') + 1), 200)
  const path = `/orgs/${org}/service-accounts`
  const { me } = useSession()
  const own = teamsOf(me).filter(({ role }) => role === 'admin')
  // Who administers teams alone sees the accounts of each of them.
  const paths = isOrgAdmin(me) ? [path] : own.map(({ team }) => `/orgs/${org}/teams/${team}/service-accounts`)
  const query = { limit: 50, q, method }
  const found = useQueries({
    queries: paths.map((at) => ({
      queryKey: ['object', at, query],
      queryFn: ({ signal }: { signal: AbortSignal }) => api.get<Page<ServiceAccount>>(at, query, signal),
    })),
  }).flatMap(({ data }) => data?.items ?? [])
  // Chosen in the address, and not among those that are listed.
  const chosen = useObject<ServiceAccount>(value === null ? undefined : `${path}/${encodeURIComponent(value)}`).data
  const all = chosen && !found.some(({ id }) => id === chosen.id) ? [chosen, ...found] : found
  return (
    <Select
      {...(isLabelShown ? { label } : { 'aria-label': label })}
      {...rest}
      data={all.map((account) => ({ value: account.id, label: called(account) }))}
      value={value}
      onChange={(id) => onChange(all.find((account) => account.id === id))}
      searchable
      onSearchChange={(text) => setTyped(chosen && text === called(chosen) ? '' : text)}
      filter={({ options }) => options}
      nothingFoundMessage="No such account"
      clearable
      clearButtonProps={{ 'aria-label': `Clear ${label}` }}
      maxDropdownHeight={260}
    />
  )
}
