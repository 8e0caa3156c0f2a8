import { Alert, Anchor, Button, Divider, PasswordInput, Stack, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { type FormEvent, useEffect, useState } from 'react'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { signInRoute } from '../../router.ts'
import { base } from '../../wire/base.ts'
import { sessionQuery, signInWithKey } from '../../wire/session.ts'
import { ChooseOrganization } from './choose-organization.tsx'
import { EntryFrame } from './entry-frame.tsx'

export function SignInPage() {
  const { return_to, sso_error, request_id } = signInRoute.useSearch()
  const client = useQueryClient()
  const router = useRouter()
  const { data, error: away, refetch } = useQuery(sessionQuery)
  const [key, setKey] = useState('')
  const [error, setError] = useState<unknown>()
  const [isRunning, setRunning] = useState(false)
  const isIn = data?.session?.me != null
  useEffect(() => {
    // Only to a page of ours. It is told as it is within the console, without the path of PUBLIC_URL.
    const to = `${base}${return_to && /^\/(?![/\\])/.test(return_to) ? return_to : '/'}`
    if (isIn) router.history.replace(to)
  }, [isIn, return_to, router])

  const submit = (event: FormEvent) => {
    event.preventDefault()
    setRunning(true)
    setError(undefined)
    signInWithKey(client, key.trim())
      .catch(setError)
      .finally(() => setRunning(false))
  }
  if (data?.session && !data.session.me) return <ChooseOrganization session={data.session} />
  const sso = data?.methods.sso
  return (
    <EntryFrame title="Sign in">
      <Stack>
        {data?.methods.set_up && (
          <Alert color="blue" title="Nothing is set up yet">
            Open the set-up link that the service printed when it started. It works once, and for an hour; a restart
            prints a new one.
          </Alert>
        )}
        {sso_error && (
          <Alert color="red" role="alert" title="Your identity provider did not let you in">
            <Text size="sm">
              {reasons[sso_error] ?? 'The sign-in failed. Try again; if it stays so, tell your admin the request id.'}
            </Text>
            <Text size="xs" mt="xs">
              Reason <span className="mono">{sso_error}</span>
              {request_id && (
                <>
                  , request <span className="mono">{request_id}</span>
                </>
              )}
            </Text>
          </Alert>
        )}
        <ProblemAlert error={away} retry={() => void refetch()} />
        {sso && (
          <>
            <Button
              component="a"
              href={`${base}/session/sso?return_to=${encodeURIComponent(return_to ?? '/')}`}
              size="md"
            >
              Sign in with {sso.name}
            </Button>
            <Divider label="or" />
          </>
        )}
        <form onSubmit={submit}>
          <Stack>
            <PasswordInput
              label="API key"
              description="Of yours, of a service account that administers, or the operator's. It is kept nowhere in this browser."
              value={key}
              onChange={(event) => setKey(event.currentTarget.value)}
              autoComplete="off"
              spellCheck={false}
              required
              {...(sso ? {} : { 'data-autofocus': true })}
            />
            <ProblemAlert error={error} title="Not signed in" />
            <Button type="submit" variant={sso ? 'default' : 'filled'} loading={isRunning}>
              Sign in
            </Button>
          </Stack>
        </form>
        <Text size="xs" c="dimmed">
          No key? Ask an admin of your organization for one. The <Anchor href={`${base}/docs`}>API</Anchor> needs no
          sign-in to be read.
        </Text>
      </Stack>
    </EntryFrame>
  )
}

/** Of the service's reasons, those that a person can do something about. */
const reasons: Record<string, string> = {
  sso_email_unverified: 'It does not say that your e-mail address is verified, so it cannot be told who you are here.',
  sso_person_unknown: 'Nobody here has your e-mail address. Ask an admin of your organization to add you as a user.',
  sso_unavailable: 'It cannot be reached at the moment. Try again in a while, or sign in with an API key.',
  rate_limited: 'There were too many attempts from your address. Wait a minute.',
}
