import { Alert, Button, Group, Stack, Text, Textarea } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { Section } from '../../parts/section.tsx'
import { api } from '../../wire/request.ts'
import type { Explained } from '../../wire/shapes.ts'
import { type Draft, gapsOf, membersOf } from './draft.ts'
import { TriedResult } from './tried-result.tsx'

type Props = { org: string; draft: Draft; account: string }

/** A real token against the draft: the one place where a token is sent, and only by a button that says so. */
export function TrySection({ org, draft, account }: Props) {
  const [token, setToken] = useState('')
  const [isRunning, setRunning] = useState(false)
  const [answer, setAnswer] = useState<{ explained: Explained; of: Draft }>()
  const [error, setError] = useState<unknown>()
  const isReady = draft.issuer !== '' && draft.subject !== '' && gapsOf(draft).length === 0
  /** Not as other deeds are done: those keep what they were told. */
  async function send(): Promise<void> {
    const body = {
      assertion: token.trim(),
      service_account: account,
      policy: { issuer: draft.issuer, ...membersOf(draft), service_account: account },
    }
    setRunning(true)
    setToken('')
    setError(undefined)
    try {
      setAnswer({ explained: await api.post<Explained>(`/orgs/${org}/explain`, body), of: draft })
    } catch (failed) {
      setAnswer(undefined)
      setError(failed)
    }
    setRunning(false)
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (token.trim() !== '') void send()
  }
  return (
    <Section
      title="Try a token"
      about="The service verifies it and explains it against this policy, as if it were saved. It gets no access token, and is not used up."
    >
      <form onSubmit={submit}>
        <Stack gap="sm">
          <Textarea
            label="Token of a job"
            description="Stays in this field until you press the button. What the service keeps of it is nothing."
            value={token}
            onChange={(event) => setToken(event.currentTarget.value)}
            autosize
            minRows={2}
            maxRows={6}
            autoComplete="off"
            spellCheck={false}
            styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
          />
          <Group>
            <Button type="submit" variant="default" loading={isRunning} disabled={!isReady || token.trim() === ''}>
              Send it and explain
            </Button>
            {!isReady && (
              <Text size="sm" c="dimmed">
                The policy is not complete yet.
              </Text>
            )}
          </Group>
          <ProblemAlert error={error} />
          {answer && answer.of !== draft && (
            <Alert color="gray" py="xs" title="The policy was changed since: try the token anew">
              {null}
            </Alert>
          )}
          {answer && <TriedResult explained={answer.explained} />}
        </Stack>
      </form>
    </Section>
  )
}
