import { Group, Stack, Text } from '@mantine/core'
import { Facts } from '../../parts/facts.tsx'
import { RelativeTime } from '../../parts/relative-time.tsx'
import type { ExplainStep } from '../../wire/shapes/trail.ts'
import { Compare } from './compare.tsx'
import { Hints } from './hints.tsx'
import { OutcomeIcon } from './outcome-icon.tsx'
import { begun, stepName, timeRow } from './words.ts'

/** The steps of an exchange in their order; the first that failed is why. */
export const Steps = ({ steps }: { steps: readonly ExplainStep[] }) => (
  <ol className="steps">
    {steps.map((step) => (
      <li key={step.step}>
        <OutcomeIcon outcome={step.outcome} />
        <div className="body">
          <Group gap="xs">
            <Text fw={600} size="sm" {...(step.outcome === 'skipped' ? { c: 'dimmed' } : {})}>
              {stepName(step.step)}
            </Text>
            {step.reason && <span className="mono">{step.reason}</span>}
          </Group>
          <Text size="sm" {...(step.outcome === 'failed' ? {} : { c: 'dimmed' })}>
            {begun(step.message)}
          </Text>
          <Told step={step} />
          <Hints hints={step.hints} />
        </div>
      </li>
    ))}
  </ol>
)

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Where all went well, the values are only there for those who ask. */
function Told({ step: { step, outcome, expected, received } }: { step: ExplainStep }) {
  if (expected === undefined && received === undefined) return null
  const told =
    isObject(expected) || isObject(received) ? (
      <Members step={step} expected={expected} received={received} />
    ) : (
      <Compare expected={expected} received={received} holds={outcome !== 'failed'} />
    )
  if (outcome === 'failed')
    return (
      <Stack mt="xs" gap={4}>
        {told}
      </Stack>
    )
  return (
    <details>
      <summary>
        <Text span size="xs" c="dimmed">
          What it looked at
        </Text>
      </summary>
      {told}
    </details>
  )
}

function Members({ step, expected, received }: { step: string; expected: unknown; received: unknown }) {
  const rows = [expected, received].filter(isObject).flatMap((one) => Object.entries(one))
  return (
    <Facts
      rows={rows.map(([name, value]) => {
        if (step !== 'time') return [name, <Plain key={name} value={value} />] as const
        const row = timeRow(name, value)
        return [row.name, row.at ? <Moment key={name} at={row.at} text={row.text} /> : row.text] as const
      })}
    />
  )
}

const Plain = ({ value }: { value: unknown }) => (
  <span className="mono">{typeof value === 'string' ? value : JSON.stringify(value)}</span>
)
const Moment = ({ at, text }: { at: string; text: string }) => (
  <>
    {at.replace('T', ' ').replace('.000Z', ' UTC')} (<RelativeTime at={at} />, <span className="mono">{text}</span>)
  </>
)
