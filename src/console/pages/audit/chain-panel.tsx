import { Alert, Button, Group, List, Progress, Stack, Text, TextInput } from '@mantine/core'
import { IconLinkOff, IconShieldCheck } from '@tabler/icons-react'
import { type FormEvent, useState } from 'react'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { absolute } from '../../parts/relative-time.tsx'
import { SidePanel } from '../../parts/side-panel.tsx'
import { isOrgAdmin } from '../../wire/rights.ts'
import { useSession } from '../../wire/session.ts'
import { type Checked, checkChain } from './chain.ts'
import { ChainResult } from './chain-result.tsx'
import { useStream } from './use-stream.ts'

type Props = { org: string; opened: boolean; onClose: () => void }

/** Looks in this browser whether the trail is as it was written. */
export function ChainPanel({ org, opened, onClose }: Props) {
  const { me } = useSession()
  return (
    <SidePanel title="Check the chain" opened={opened} onClose={onClose} size="40rem">
      {isOrgAdmin(me) ? (
        <Check org={org} />
      ) : (
        <Alert color="blue" icon={<IconLinkOff />} title="Only an admin of the organization can check it">
          The chain goes through all events of the organization. You see those of your teams alone, and between them
          links are missing. An admin can check it here, or with <span className="mono">countersign audit verify</span>.
        </Alert>
      )}
    </SidePanel>
  )
}

const hashForm = /^[0-9a-f]{64}$/

function Check({ org }: { org: string }) {
  const [kept, setKept] = useState('')
  const [asked, setAsked] = useState('')
  const stream = useStream<Checked, Checked>(org)
  const noted = kept.trim().toLowerCase()
  const isWrong = noted !== '' && !hashForm.test(noted)
  const isPossible = 'subtle' in crypto
  const start = (event: FormEvent) => {
    event.preventDefault()
    if (isWrong) return
    setAsked(noted)
    const ask = { org, ...(noted === '' ? {} : { kept: noted }) }
    void stream.run({}, (lines, onProgress) => checkChain(lines, { ...ask, onProgress }))
  }
  return (
    <form onSubmit={start}>
      <Stack>
        <Text size="sm">
          Each event bears a hash of what it says and the hash of the event before it. This browser now reads all of
          them and computes every hash anew, so that you need not take our word for it.
        </Text>
        <Covers />
        {!isPossible && (
          <Alert color="yellow" title="Not in this browser">
            It computes SHA-256 only for pages that came by https, or from this machine. Open the console by https, or
            use <span className="mono">countersign audit verify</span>.
          </Alert>
        )}
        <TextInput
          label="A hash that you kept (optional)"
          description="The last hash of an earlier check. It has to be in the chain still."
          value={kept}
          onChange={(event) => setKept(event.currentTarget.value)}
          error={isWrong ? 'A hash has 64 characters: 0 to 9 and a to f' : undefined}
          autoComplete="off"
          spellCheck={false}
        />
        <Group>
          <Button
            type="submit"
            loading={stream.isRunning}
            disabled={!isPossible}
            leftSection={<IconShieldCheck size={16} />}
          >
            {stream.done ? 'Check again' : 'Check now'}
          </Button>
          {stream.isRunning && (
            <Button variant="default" onClick={stream.cancel}>
              Cancel
            </Button>
          )}
        </Group>
        <ProblemAlert error={stream.error} title="The check broke off" />
        <div aria-live="polite">
          {stream.isRunning && <Under checked={stream.progress} />}
          {stream.done && <ChainResult org={org} checked={stream.done} kept={asked} />}
        </div>
      </Stack>
    </form>
  )
}

function Under({ checked }: { checked: Checked | undefined }) {
  return (
    <Stack gap={4}>
      <Progress value={100} animated striped aria-label="Checking" />
      <Text size="sm">
        {(checked?.events ?? 0).toLocaleString('en')} events checked
        {checked?.last && `, up to ${absolute(checked.last.at)}`}
      </Text>
    </Stack>
  )
}

const Covers = () => (
  <List size="sm" spacing={4}>
    <List.Item>It finds an event that was changed, removed, put in or moved, and names the first.</List.Item>
    <List.Item>
      It cannot see that the newest events were cut off, or that somebody wrote the whole chain anew: for that, keep the
      last hash somewhere else, and give it here the next time.
    </List.Item>
    <List.Item>
      <span className="mono">countersign audit verify</span> also looks at how the database finds them, and where it
      says that the chain ends.
    </List.Item>
  </List>
)
