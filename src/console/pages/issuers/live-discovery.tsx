import { Alert, Button, Group, Loader, Paper, Stack, Text } from '@mantine/core'
import type { Preset } from '../../wire/shapes.ts'
import { CheckSteps } from './check-steps.tsx'
import type { Discovery } from './discovery.ts'
import type { IssuerDraft } from './issuer-draft.ts'
import { KeyList } from './key-list.tsx'
import { otherSlash, whatToDo } from './what-to-do.ts'

type Props = {
  draft: IssuerDraft
  discovery: Discovery
  presets: readonly Preset[]
  change: (changes: Partial<IssuerDraft>) => void
  /** Its URL cannot be changed any more. */
  isRegistered?: boolean
}

/** What the service finds at the URL while it is typed. */
export function LiveDiscovery(props: Props) {
  const { draft, discovery } = props
  const { found, problem, isAsking } = discovery
  return (
    <Paper
      withBorder
      p="sm"
      role="region"
      aria-label="What was found"
      aria-live="polite"
      aria-busy={isAsking}
      mih={{ base: 260, sm: 232 }}
    >
      {isAsking && !found ? (
        <Group gap="sm">
          <Loader size="xs" aria-hidden />
          <Text size="sm">Asking the issuer for its keys…</Text>
        </Group>
      ) : found ? (
        <Found {...props} />
      ) : problem ? (
        <Refused draft={draft} discovery={discovery} />
      ) : (
        <Text size="sm" c="dimmed">
          {draft.source === 'upload'
            ? 'The keys are judged here as soon as they are given.'
            : 'As soon as the URL is whole, its keys are fetched here to see whether they can be. Nothing is registered by that.'}
        </Text>
      )}
    </Paper>
  )
}

function Found({ draft, discovery, presets, change, isRegistered = false }: Props) {
  const { found, again } = discovery
  if (!found) return null
  const { steps, keys, algorithms, preset } = found
  const known = presets.find(({ name }) => name === preset)
  const wrong = steps.find(({ ok }) => !ok)
  return (
    <Stack gap="xs">
      {known && (
        <Text size="sm">
          Recognised as <b>{known.title}</b> by its URL.
        </Text>
      )}
      <CheckSteps steps={steps} issuer={draft.issuer.trim()} />
      {wrong && (
        <Group gap="xs">
          <Button size="xs" variant="default" onClick={again}>
            Ask again
          </Button>
          {wrong.step === 'issuer' && !isRegistered && (
            <Button size="xs" variant="default" onClick={() => change({ issuer: otherSlash(draft.issuer.trim()) })}>
              {draft.issuer.trim().endsWith('/') ? 'Without the slash at the end' : 'With a slash at the end'}
            </Button>
          )}
          {draft.source === 'discovery' && (
            <Button size="xs" variant="default" onClick={() => change({ source: 'upload' })}>
              Upload its keys
            </Button>
          )}
        </Group>
      )}
      {keys.length > 0 && (
        <>
          <Text size="sm">
            Signs with <b>{algorithms.join(', ')}</b>
          </Text>
          <KeyList keys={keys as never} />
        </>
      )}
    </Stack>
  )
}

function Refused({ draft, discovery }: Pick<Props, 'draft' | 'discovery'>) {
  const { problem, again } = discovery
  const [first] = problem?.errors ?? []
  const said = first?.message ?? problem?.message ?? ''
  return (
    <Alert color="yellow" title={first ? `The ${first.path} ${first.message}` : 'It could not be looked at'} p="xs">
      <Text size="sm">{first ? whatToDo('url', said, draft.issuer.trim()) : said}</Text>
      {!first && (
        <Button mt="xs" size="xs" variant="default" onClick={again}>
          Ask again
        </Button>
      )}
    </Alert>
  )
}
