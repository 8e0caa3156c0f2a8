import { Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { CodePanel } from '../../parts/code-panel.tsx'
import { FormBesideCode } from '../../parts/form-beside-code.tsx'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { ShownOnce } from '../../parts/shown-once.tsx'
import { SidePanel } from '../../parts/side-panel.tsx'
import { serviceUrl } from '../../wire/base.ts'
import { useDeed } from '../../wire/deeds.ts'
import { fieldErrors } from '../../wire/field-errors.ts'
import { api } from '../../wire/request.ts'
import type { CreatedServer } from '../../wire/shapes.ts'
import { protectCodes } from './protect-codes.ts'
import { newServerCodes } from './server-codes.ts'

type Props = { org: string; opened: boolean; onClose: () => void }

export function NewServerPanel({ org, opened, onClose }: Props) {
  const navigate = useNavigate()
  const [made, setMade] = useState<CreatedServer>()
  return (
    <SidePanel
      title={made ? `${made.name} is registered` : 'New resource server'}
      opened={opened || made !== undefined}
      onClose={onClose}
      mayDismiss={made === undefined}
    >
      {made ? (
        <Made
          org={org}
          server={made}
          onDone={() => {
            setMade(undefined)
            void navigate({ to: '/$org/resource-servers/$server', params: { org, server: made.id } })
          }}
        />
      ) : (
        <NewServer org={org} onClose={onClose} onMade={setMade} />
      )}
    </SidePanel>
  )
}

function Made({ org, server, onDone }: { org: string; server: CreatedServer; onDone: () => void }) {
  return (
    <Stack>
      <Text size="sm">With this key the API asks who is calling, and what they may do. It opens nothing else.</Text>
      <ShownOnce secret={server.api_key} onDone={onDone} />
      <Text size="sm" fw={600}>
        How it asks, with the key in $SERVER
      </Text>
      <CodePanel label="How the API asks" codes={protectCodes(serviceUrl, org, server.audience)} />
    </Stack>
  )
}

type Making = { org: string; onClose: () => void; onMade: (server: CreatedServer) => void }

function NewServer({ org, onClose, onMade }: Making) {
  const form = useForm({ initialValues: { name: '', audience: '' } })
  const deed = useDeed(
    (values: typeof form.values) => api.post<CreatedServer>(`/orgs/${org}/resource-servers`, values),
    { onDone: onMade },
  )
  const { name, audience } = form.values
  return (
    <FormBesideCode codes={newServerCodes(org, name || 'NAME', audience || 'AUDIENCE')}>
      <form
        onSubmit={form.onSubmit((values) =>
          deed.mutate(values, {
            onError: (problem) =>
              form.setErrors(fieldErrors(problem, { name_taken: 'name', audience_taken: 'audience' })),
          }),
        )}
      >
        <Stack>
          <TextInput
            label="Name"
            description="a-z, 0-9, - and _"
            placeholder="tracker"
            required
            data-autofocus
            autoComplete="off"
            spellCheck={false}
            {...form.getInputProps('name')}
          />
          <TextInput
            label="Audience"
            description="The API’s own URL: a token that is asked for it works there and nowhere else. It stays, since tokens bear it."
            placeholder="https://tracker.example"
            required
            autoComplete="off"
            spellCheck={false}
            {...form.getInputProps('audience')}
          />
          <ProblemAlert error={deed.error} title="Not registered" />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={deed.isPending}>
              Register
            </Button>
          </Group>
        </Stack>
      </form>
    </FormBesideCode>
  )
}
