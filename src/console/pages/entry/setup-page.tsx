import { Button, Group, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { ShownOnce } from '../../parts/shown-once.tsx'
import { setupRoute } from '../../router.ts'
import { Problem } from '../../wire/problem.ts'
import { request } from '../../wire/request.ts'
import { keepSession } from '../../wire/session.ts'
import type { Organization, SessionAnswer } from '../../wire/shapes.ts'
import { EntryFrame } from './entry-frame.tsx'

type SetUp = SessionAnswer & { organization: Organization; api_key: string }

/** Behind the one-time link of the first start: the first organization, its admin, and their key. */
export function SetupPage() {
  const { secret } = setupRoute.useParams()
  const client = useQueryClient()
  const navigate = useNavigate()
  const form = useForm({ initialValues: { name: '', username: '', email: '' } })
  const [made, setMade] = useState<SetUp>()
  const [error, setError] = useState<Problem>()
  const [isRunning, setRunning] = useState(false)

  const submit = form.onSubmit((body) => {
    setRunning(true)
    setError(undefined)
    request<SetUp>('POST', `/setup/${secret}`, { body, isSignIn: true })
      .then(
        (answer) => {
          keepSession(client, answer)
          setMade(answer)
        },
        (problem: unknown) => {
          if (!(problem instanceof Problem)) throw problem
          setError(problem)
          for (const { path, message } of problem.errors) form.setFieldError(path.split('.').at(-1) ?? path, message)
        },
      )
      .finally(() => setRunning(false))
  })

  if (made)
    return (
      <EntryFrame
        title={`${made.organization.name} is set up`}
        about="You are its admin, and signed in. With this key you sign in again, and scripts may use it."
      >
        <ShownOnce
          secret={made.api_key}
          done="Open the console"
          onDone={() => void navigate({ to: '/$org', params: { org: made.organization.name } })}
        />
      </EntryFrame>
    )
  return (
    <EntryFrame
      title="Set up Countersign"
      about="This makes the first organization, and you its admin. The link works once."
    >
      <form onSubmit={submit}>
        <Stack>
          <TextInput
            label="Organization"
            description="a-z, 0-9, - and _; it is part of the address that your jobs ask for"
            placeholder="acme"
            required
            autoComplete="off"
            spellCheck={false}
            {...form.getInputProps('name')}
          />
          <TextInput
            label="Your user name"
            description="a-z, 0-9, - and _"
            placeholder="ada"
            required
            autoComplete="username"
            spellCheck={false}
            {...form.getInputProps('username')}
          />
          <TextInput
            label="Your e-mail address"
            type="email"
            placeholder="ada@acme.example"
            required
            autoComplete="email"
            {...form.getInputProps('email')}
          />
          <ProblemAlert error={error} title="Not set up" />
          <Group justify="flex-end">
            <Button type="submit" loading={isRunning}>
              Create the organization
            </Button>
          </Group>
        </Stack>
      </form>
    </EntryFrame>
  )
}
