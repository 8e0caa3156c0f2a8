import { Button, Group, Stack, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { CodePanel } from '../../parts/code-panel.tsx'
import { curlOf } from '../../parts/curl.ts'
import { Dialog } from '../../parts/dialog.tsx'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { ShownOnce } from '../../parts/shown-once.tsx'
import { useDeed } from '../../wire/deeds.ts'
import { api } from '../../wire/request.ts'
import type { CreatedKey } from '../../wire/shapes.ts'
import { endOf, usual } from './expiry.ts'
import { ExpiryField } from './expiry-field.tsx'

type Props = { path: string; owner: string; onClose: () => void }

/** Asks for a name and an end, and shows the key that comes of it. */
export function NewKey({ path, owner, onClose }: Props) {
  const [name, setName] = useState('')
  const [expiry, setExpiry] = useState(usual)
  const [secret, setSecret] = useState<string>()
  const create = useDeed((body: object) => api.post<CreatedKey>(path, body), {
    onDone: (made) => setSecret(made.secret),
  })
  const end = endOf(expiry, Date.now())
  const body = { ...(name === '' ? {} : { name }), ...(end ? { expires_at: end } : {}) }
  const faultOf = (member: string) => create.error?.errors.find((fault) => fault.path === member)?.message
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (end !== undefined) create.mutate(body)
  }
  if (secret !== undefined)
    return (
      <Dialog title="The new API key" opened onClose={onClose} mayDismiss={false}>
        <ShownOnce secret={secret} onDone={onClose} />
      </Dialog>
    )
  return (
    <Dialog title="New API key" opened onClose={onClose}>
      <form onSubmit={submit}>
        <Stack>
          <TextInput
            label="Name"
            description="Where it will be used; a-z, 0-9, - and _. Left empty, it gets one."
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            maxLength={64}
            autoComplete="off"
            spellCheck={false}
            error={faultOf('name') ?? (create.error?.reason === 'name_taken' && 'A key of this owner has this name')}
            data-autofocus
          />
          <ExpiryField value={expiry} onChange={setExpiry} error={faultOf('expires_at')} />
          <CodePanel
            label="The same deed"
            codes={[
              { title: 'CLI', text: cliOf(name, owner, end) },
              { title: 'curl', text: curlOf('POST', path, body) },
            ]}
          />
          <ProblemAlert error={create.error} title="No key was made" />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={create.isPending} disabled={end === undefined}>
              Create the key
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}

const cliOf = (name: string, owner: string, end: string | null | undefined) =>
  ['countersign key create', name, owner, end ? `--expires-at ${end}` : ''].filter((word) => word !== '').join(' ')
