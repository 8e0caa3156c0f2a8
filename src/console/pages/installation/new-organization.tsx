import { Button, Group, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import { curlOf } from '../../parts/curl.ts'
import { FormBesideCode } from '../../parts/form-beside-code.tsx'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { ShownOnce } from '../../parts/shown-once.tsx'
import { SidePanel } from '../../parts/side-panel.tsx'
import { useDeed } from '../../wire/deeds.ts'
import { api } from '../../wire/request.ts'
import type { Organization } from '../../wire/shapes.ts'

type Made = Organization & { api_key?: string }
type Values = { name: string; display_name: string; username: string; email: string }

const bodyOf = ({ name, display_name, username, email }: Values) => ({
  name: name.trim(),
  ...(display_name.trim() ? { display_name: display_name.trim() } : {}),
  first_admin: { username: username.trim(), email: email.trim() },
})

/** An organization and its first admin, whose API key is shown once. */
export function NewOrganization({ onClose }: { onClose: () => void }) {
  const form = useForm<Values>({ initialValues: { name: '', display_name: '', username: '', email: '' } })
  const [made, setMade] = useState<Made>()
  const create = useDeed((values: Values) => api.post<Made>('/orgs', bodyOf(values)), { onDone: setMade })
  const submit = form.onSubmit((values) =>
    create.mutate(values, {
      onError({ errors }) {
        for (const { path, message } of errors) form.setFieldError(path.split('.').at(-1) ?? path, message)
      },
    }),
  )
  return (
    <SidePanel title="New organization" opened onClose={onClose} mayDismiss={made === undefined}>
      {made?.api_key ? (
        <ShownOnce secret={made.api_key} what={`API key of ${made.name}’s first admin`} onDone={onClose} />
      ) : (
        <FormBesideCode codes={[{ title: 'curl', text: curlOf('POST', '/orgs', bodyOf(form.values)) }]}>
          <form onSubmit={submit}>
            <Stack>
              <TextInput
                label="Name"
                description="a-z, 0-9, - and _; it is part of the address that jobs ask for"
                placeholder="acme"
                required
                autoComplete="off"
                spellCheck={false}
                data-autofocus
                {...form.getInputProps('name')}
              />
              <TextInput label="Display name" autoComplete="off" {...form.getInputProps('display_name')} />
              <TextInput
                label="First admin’s user name"
                placeholder="ada"
                required
                autoComplete="off"
                spellCheck={false}
                {...form.getInputProps('username')}
              />
              <TextInput
                label="First admin’s e-mail address"
                type="email"
                placeholder="ada@acme.example"
                required
                autoComplete="off"
                {...form.getInputProps('email')}
              />
              <ProblemAlert error={create.error} title="Not created" />
              <Group justify="flex-end">
                <Button type="submit" loading={create.isPending}>
                  Create
                </Button>
              </Group>
            </Stack>
          </form>
        </FormBesideCode>
      )}
    </SidePanel>
  )
}
