import { Button, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useObject } from '../../wire/objects.ts'
import type { Page, ServiceAccount } from '../../wire/shapes.ts'
import { nameFault, slugOf } from './account-draft.ts'

type Props = {
  value: string
  onChange: (name: string) => void
  /** Where the name has to be free; undefined while that is not known. */
  collection: string | undefined
  /** The name that it has now, which is its own. */
  own?: string
  /** What the service has said. */
  error?: string | undefined
  autoFocus?: boolean
}

/** A name is judged while it is typed: by its form, and by who has it already. */
export function NameField({ value, onChange, collection, own, error, autoFocus = false }: Props) {
  const fault = nameFault(value)
  const suggestion = fault ? slugOf(value) : ''
  const [asked] = useDebouncedValue(value, 250)
  const isAsking = asked !== '' && asked !== own && nameFault(asked) === undefined
  const { data } = useObject<Page<ServiceAccount>>(isAsking ? collection : undefined, {
    q: asked,
    limit: 200,
    ...(collection?.includes('/teams/') ? {} : { scope: 'organization' }),
  })
  const isTaken = asked === value && isAsking && data?.items.some(({ name }) => name === value)
  return (
    <div>
      <TextInput
        label="Name"
        description="a-z, 0-9, - and _; jobs and addresses call it so"
        placeholder="nightly-reports"
        required
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        autoComplete="off"
        spellCheck={false}
        maxLength={120}
        error={error ?? fault ?? (isTaken ? 'A service account here has this name already' : undefined)}
        {...(autoFocus ? { 'data-autofocus': true } : {})}
      />
      {suggestion !== '' && nameFault(suggestion) === undefined && (
        <Button mt={4} size="compact-sm" variant="light" onClick={() => onChange(suggestion)}>
          Use {suggestion}
        </Button>
      )}
    </div>
  )
}
