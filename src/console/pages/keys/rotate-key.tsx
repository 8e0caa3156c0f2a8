import { Button, Group, Radio, Stack, Text } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { CodePanel } from '../../parts/code-panel.tsx'
import { curlOf } from '../../parts/curl.ts'
import { Dialog } from '../../parts/dialog.tsx'
import { Facts } from '../../parts/facts.tsx'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { absolute } from '../../parts/relative-time.tsx'
import { ShownOnce } from '../../parts/shown-once.tsx'
import { useDeed } from '../../wire/deeds.ts'
import { api } from '../../wire/request.ts'
import type { ApiKey, CreatedKey } from '../../wire/shapes.ts'
import { rotation } from './expiry.ts'

type Props = { path: string; owner: string; apiKey: ApiKey; onClose: () => void }

const overlaps = [
  { seconds: 0, words: 'None: the old key ends at once', option: '' },
  { seconds: 3_600, words: '1 hour', option: ' --overlap 1h' },
  { seconds: 86_400, words: '24 hours', option: ' --overlap 24h' },
  { seconds: 604_800, words: '7 days', option: ' --overlap 7d' },
] as const

/** A new key in place of one; both work during the overlap, so that nothing stops meanwhile. */
export function RotateKey({ path, owner, apiKey, onClose }: Props) {
  const [seconds, setSeconds] = useState(86_400)
  const [made, setMade] = useState<CreatedKey>()
  const deed = `${path}/${apiKey.id}/rotate`
  const rotate = useDeed((body: object) => api.post<CreatedKey>(deed, body), { onDone: setMade })
  const { old, next } = rotation(apiKey, seconds, Date.now())
  const oldEnd = seconds === 0 ? 'at once, and the tokens obtained with it' : absolute(old)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    rotate.mutate({ overlap_seconds: seconds })
  }
  if (made)
    return (
      <Dialog title={`The new key ${made.name}`} opened onClose={onClose} mayDismiss={false}>
        <Stack>
          <Facts
            rows={[
              ['The old key ends', oldEnd],
              ['The new key ends', made.expires_at ? absolute(made.expires_at) : 'never'],
            ]}
          />
          <ShownOnce secret={made.secret} onDone={onClose} />
        </Stack>
      </Dialog>
    )
  const { option } = overlaps.find((one) => one.seconds === seconds) ?? overlaps[0]
  return (
    <Dialog title={`Rotate ${apiKey.name}`} opened onClose={onClose}>
      <form onSubmit={submit}>
        <Stack>
          <Text size="sm">
            A new key takes the name {apiKey.name}. The old one goes on for the overlap, so that there is time to put
            the new one in its place.
          </Text>
          <Radio.Group label="Overlap" value={`${seconds}`} onChange={(value) => setSeconds(Number(value))}>
            <Stack gap="xs" mt="xs">
              {overlaps.map((one) => (
                <Radio key={one.seconds} value={`${one.seconds}`} label={one.words} />
              ))}
            </Stack>
          </Radio.Group>
          <div aria-live="polite">
            <Facts
              rows={[
                ['The old key ends', oldEnd],
                ['The new key ends', next ? absolute(next) : 'never'],
              ]}
            />
          </div>
          <CodePanel
            label="The same deed"
            codes={[
              { title: 'CLI', text: `countersign key rotate ${apiKey.name} ${owner}${option}` },
              { title: 'curl', text: curlOf('POST', deed, { overlap_seconds: seconds }) },
            ]}
          />
          <ProblemAlert error={rotate.error} title="The key was not rotated" />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={rotate.isPending}>
              Rotate the key
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}
