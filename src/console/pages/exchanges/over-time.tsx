import { Anchor, Group, Text } from '@mantine/core'
import type { ExchangeStats } from '../../wire/shapes.ts'
import { ceilingOf, counted, momentOf, timesOf } from './chart-words.ts'

type Props = { stats: ExchangeStats; onPick: (from: string, to: string) => void }

/** Granted and refused, bar by bar. Who does not see the bars, or points at none, has the table beneath. */
export function OverTime({ stats, onPick }: Props) {
  const { buckets, bucket_seconds: seconds } = stats
  const top = ceilingOf(Math.max(...buckets.map(({ granted, refused }) => granted + refused), 0))
  const pick = (at: string) => onPick(at, new Date(Date.parse(at) + seconds * 1000 - 1).toISOString())
  const high = (count: number) => ({ height: `${(count / top) * 100}%`, minHeight: count > 0 ? 2 : 0 })
  return (
    <div>
      <Group justify="space-between" mb={4}>
        <Group gap="md">
          <Legend kind="granted" text={counted(stats.granted, 'granted', 'granted')} />
          <Legend kind="refused" text={counted(stats.refused, 'refused', 'refused')} />
        </Group>
        <Text size="xs" c="dimmed">
          Top of the chart: {top.toLocaleString('en')}
        </Text>
      </Group>
      <div className="bars" aria-hidden>
        {buckets.map(({ at, granted, refused }) => (
          <button
            key={at}
            type="button"
            tabIndex={-1}
            title={`${timesOf(at, seconds)}: ${granted} granted, ${refused} refused`}
            onClick={() => pick(at)}
          >
            <span className="refused" style={high(refused)} />
            <span className="granted" style={high(granted)} />
          </button>
        ))}
      </div>
      <Group justify="space-between" mt={2} aria-hidden>
        <Text size="xs" c="dimmed">
          {momentOf(stats.from)}
        </Text>
        <Text size="xs" c="dimmed">
          {momentOf(stats.to)}
        </Text>
      </Group>
      <details>
        <summary>
          <Text span size="xs" c="dimmed">
            The same as a table
          </Text>
        </summary>
        <table className="shares" aria-label="Exchanges over time">
          <thead>
            <tr>
              <th scope="col">Time</th>
              <th scope="col" className="count">
                Granted
              </th>
              <th scope="col" className="count">
                Refused
              </th>
            </tr>
          </thead>
          <tbody>
            {buckets.map(({ at, granted, refused }) => (
              <tr key={at}>
                <th scope="row">
                  <Anchor component="button" type="button" size="sm" onClick={() => pick(at)}>
                    {timesOf(at, seconds)}
                  </Anchor>
                </th>
                <td className="count">{granted.toLocaleString('en')}</td>
                <td className="count">{refused.toLocaleString('en')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </div>
  )
}

const Legend = ({ kind, text }: { kind: 'granted' | 'refused'; text: string }) => (
  <Group gap={6} wrap="nowrap" className="share" style={{ height: 'auto' }}>
    <span className={`swatch ${kind}`} aria-hidden />
    <Text size="sm">{text}</Text>
  </Group>
)
