import { Button, PasswordInput, Stack, Text } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useEffect, useState } from 'react'
import { Dialog } from '../parts/dialog.tsx'
import { ProblemAlert } from '../parts/problem-alert.tsx'
import { base } from '../wire/base.ts'
import { onSessionEnded, request } from '../wire/request.ts'
import { keepSession, sessionQuery, signInWithKey } from '../wire/session.ts'
import type { SessionAnswer, SignInMethods } from '../wire/shapes.ts'

/** Over the page, when the session has ended beneath it: what was typed stays, and one signs in again where one is. */
export function SessionEnded() {
  const client = useQueryClient()
  const [methods, setMethods] = useState<SignInMethods>()
  const [key, setKey] = useState('')
  const [error, setError] = useState<unknown>()
  useEffect(
    () =>
      onSessionEnded(() => {
        // The page keeps knowing who was signed in; it is asked beside it who is now.
        void request<SessionAnswer>('GET', '/session', { isSignIn: true }).then((answer) => {
          if (answer.session) return
          setMethods(answer.methods)
        })
      }),
    [],
  )
  const before = client.getQueryData(sessionQuery.queryKey)?.session?.me?.id
  const goOn = async (answer: SessionAnswer) => {
    setMethods(undefined)
    setKey('')
    setError(undefined)
    // Another person's page is not shown to this one.
    if (answer.session?.me?.id !== before) window.location.assign(`${base}/`)
    else await client.invalidateQueries()
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    signInWithKey(client, key.trim()).then(goOn, setError)
  }
  const look = () =>
    request<SessionAnswer>('GET', '/session', { isSignIn: true }).then((answer) => {
      if (!answer.session) return setError(new Error('nobody has signed in yet'))
      keepSession(client, answer)
      return goOn(answer)
    }, setError)
  return (
    <Dialog title="Your session has ended" opened={methods !== undefined} onClose={() => {}} mayDismiss={false}>
      <Stack>
        <Text size="sm">Sign in again to go on where you are. What you have typed is still here.</Text>
        {methods?.sso && (
          <Stack gap="xs">
            <Button component="a" href={`${base}/session/sso?return_to=/profile`} target="_blank" variant="default">
              Sign in with {methods.sso.name} in a new tab
            </Button>
            <Button variant="subtle" onClick={() => void look()}>
              I have signed in there
            </Button>
          </Stack>
        )}
        <form onSubmit={submit}>
          <Stack>
            <PasswordInput
              label="API key"
              value={key}
              onChange={(event) => setKey(event.currentTarget.value)}
              autoComplete="off"
              required
              data-autofocus
            />
            <ProblemAlert error={error} />
            <Button type="submit">Sign in</Button>
          </Stack>
        </form>
      </Stack>
    </Dialog>
  )
}
