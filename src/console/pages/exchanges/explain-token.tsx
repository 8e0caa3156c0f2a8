import { Alert, Button, Group, Stack, Text, Textarea, TextInput, VisuallyHidden } from '@mantine/core'
import { IconInfoCircle } from '@tabler/icons-react'
import { type FormEvent, useState } from 'react'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { SidePanel } from '../../parts/side-panel.tsx'
import { explainToken } from '../../wire/explaining.ts'
import type { Explained } from '../../wire/shapes.ts'
import { ExplainedView } from './explained-view.tsx'
import { issuerOf } from './recorded.ts'
import { sentenceOf } from './ticket.ts'

type Answer = { explained?: Explained; error?: unknown }

/** A token is pasted, sent once, and forgotten when the panel is closed: it is in this form and nowhere else. */
export function ExplainToken({ org, onClose }: { org: string; onClose: () => void }) {
  const [token, setToken] = useState('')
  const [account, setAccount] = useState('')
  const [isRunning, setRunning] = useState(false)
  const [answer, setAnswer] = useState<Answer>({})
  const ask = (event: FormEvent) => {
    event.preventDefault()
    if (token.trim() === '' || isRunning) return
    setRunning(true)
    explainToken(org, token.trim(), account.trim())
      .then((explained) => setAnswer({ explained }))
      .catch((error: unknown) => setAnswer({ error }))
      .finally(() => setRunning(false))
  }
  return (
    <SidePanel title="Explain a token" opened onClose={onClose}>
      <Stack gap="lg">
        <form onSubmit={ask}>
          <Stack gap="md">
            <Alert icon={<IconInfoCircle />} color="blue" title="What happens with it">
              <Text size="sm">
                The token is sent to the service, which looks at it as an exchange would. It is not kept, not recorded
                and not used up, and nobody gets an access token for it.
              </Text>
            </Alert>
            <Textarea
              label="Token"
              description="The JWT that the job's platform gave it: three parts with dots between them"
              value={token}
              onChange={(event) => setToken(event.currentTarget.value)}
              autosize
              minRows={4}
              maxRows={10}
              spellCheck={false}
              autoComplete="off"
              classNames={{ input: 'mono' }}
              data-autofocus
            />
            <TextInput
              label="Service account"
              description="Only where the job names one: an id, or team/name"
              value={account}
              onChange={(event) => setAccount(event.currentTarget.value)}
              autoComplete="off"
              spellCheck={false}
              maxLength={129}
            />
            <ProblemAlert error={answer.error} />
            <Group justify="flex-end">
              <Button variant="default" onClick={onClose}>
                Close
              </Button>
              <Button type="submit" loading={isRunning} disabled={token.trim() === ''}>
                Explain
              </Button>
            </Group>
          </Stack>
        </form>
        <VisuallyHidden role="status">
          {answer.explained && `It would be ${answer.explained.outcome}: ${sentenceOf(answer.explained)}`}
        </VisuallyHidden>
        {answer.explained && (
          <ExplainedView org={org} explained={answer.explained} issuer={issuerOf(answer.explained.steps)} />
        )}
      </Stack>
    </SidePanel>
  )
}
