import { Button, Group, Select, SimpleGrid, TextInput } from '@mantine/core'
import { IconSearch, IconX } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { useObject } from '../../wire/objects.ts'
import type { Issuer, Page } from '../../wire/shapes.ts'
import { AccountSelect } from './account-select.tsx'
import { requestIdIn } from './request-id.ts'
import { isPart, isSpan, spans } from './span.ts'

export type Search = Partial<
  Record<'span' | 'from' | 'to' | 'result' | 'reason' | 'issuer' | 'account' | 'request_id' | 'explain', string>
>
type Props = { org: string; search: Search; filter: (changes: Search) => void; reasons: readonly string[] }

const listed = (all: readonly string[], chosen: string | undefined) => [...new Set(chosen ? [chosen, ...all] : all)]

/** What is shown; all of it is in the address. */
export function Filters({ org, search, filter, reasons }: Props) {
  const { span, result, reason, issuer, account } = search
  const { data } = useObject<Page<Issuer>>(`/orgs/${org}/issuers`, { limit: 200 })
  const issuers = [...new Map(data?.items.map((one) => [one.issuer, one.name])).entries()]
  const isOfPart = isPart(search)
  return (
    <SimpleGrid cols={{ base: 2, sm: 3, lg: 5 }} spacing="sm" verticalSpacing="xs">
      <Select
        label="Time"
        data={[
          ...Object.entries(spans).map(([value, label]) => ({ value, label })),
          ...(isOfPart ? [{ value: 'part', label: 'Part of it' }] : []),
        ]}
        value={isOfPart ? 'part' : isSpan(span) ? span : '24h'}
        onChange={(value) => filter({ span: isSpan(value ?? undefined) ? (value ?? '') : '', from: '', to: '' })}
        allowDeselect={false}
      />
      <Select
        label="Result"
        placeholder="Any"
        data={[
          { value: 'granted', label: 'Granted' },
          { value: 'refused', label: 'Refused' },
        ]}
        value={result ?? null}
        onChange={(value) => filter({ result: value ?? '', ...(value === 'granted' ? { reason: '' } : {}) })}
        clearable
        clearButtonProps={{ 'aria-label': 'Clear Result' }}
      />
      <Select
        label="Reason"
        placeholder="Any"
        data={listed(reasons, reason)}
        value={reason ?? null}
        onChange={(value) => filter({ reason: value ?? '' })}
        searchable
        nothingFoundMessage="No such refusal in this span"
        clearable
        clearButtonProps={{ 'aria-label': 'Clear Reason' }}
      />
      <Select
        label="Issuer"
        placeholder="Any"
        data={[
          ...issuers.map(([value, name]) => ({ value, label: name })),
          ...(issuer && !issuers.some(([url]) => url === issuer) ? [{ value: issuer, label: issuer }] : []),
        ]}
        value={issuer ?? null}
        onChange={(value) => filter({ issuer: value ?? '' })}
        searchable
        clearable
        clearButtonProps={{ 'aria-label': 'Clear Issuer' }}
      />
      <AccountSelect
        org={org}
        label="Service account"
        isLabelShown
        placeholder="Any"
        value={account ?? null}
        onChange={(chosen) => filter({ account: chosen?.id ?? '' })}
      />
    </SimpleGrid>
  )
}

type RequestProps = { value: string; onChange: (requestId: string) => void }

/** Takes whatever was pasted, and looks for the id in it. */
export function RequestField({ value, onChange }: RequestProps) {
  const [typed, setTyped] = useState(value)
  useEffect(() => setTyped(value), [value])
  const type = (text: string) => {
    const found = requestIdIn(text)
    setTyped(found ?? text)
    if (found !== undefined && found !== value) onChange(found)
    else if (text === '' && value !== '') onChange('')
  }
  const isWrong = typed !== '' && requestIdIn(typed) === undefined
  return (
    <Group gap="xs" align="flex-end">
      <TextInput
        type="search"
        label="Request id"
        placeholder="req_…, also a whole line of a log"
        leftSection={<IconSearch size={16} aria-hidden />}
        value={typed}
        onChange={(event) => type(event.currentTarget.value)}
        error={isWrong ? 'There is no request id in it yet: req_ and 26 letters and digits.' : undefined}
        spellCheck={false}
        autoComplete="off"
        w={{ base: '100%', sm: 330 }}
      />
      {typed !== '' && (
        <Button variant="default" leftSection={<IconX size={14} />} onClick={() => type('')}>
          All exchanges
        </Button>
      )}
    </Group>
  )
}
