import { Stack, Text, VisuallyHidden } from '@mantine/core'
import { compared, type Value } from './compared.ts'
import type { Piece } from './difference.ts'
import { visible } from './visible.ts'
import { wayWords } from './words.ts'

type Props = { expected?: unknown; received?: unknown; op?: string; holds?: boolean; nothing?: string }

/** What was expected and what came, side by side, with where they part. `nothing`: what no value is called. */
export function Compare({ expected, received, op = 'in', holds = false, nothing = 'nothing' }: Props) {
  const found = compared(expected, received, { op, holds })
  return (
    <Stack gap={6}>
      <dl className="compare">
        <Side name={expectedAs[op] ?? 'Expected'} side="expected" values={found.expected} nothing="nothing" />
        <Side name="Received" side="received" values={found.received} nothing={nothing} />
      </dl>
      {found.ways.map((way) => (
        <Text key={way} size="sm">
          {wayWords[way]}
        </Text>
      ))}
    </Stack>
  )
}

const expectedAs: Readonly<Record<string, string>> = {
  in: 'Expected one of',
  glob: 'Expected, as a pattern',
  exists: 'Expected to be there',
  cel: 'Expected to be true',
}

type SideProps = { name: string; side: 'expected' | 'received'; values: readonly Value[]; nothing: string }

const Side = ({ name, side, values, nothing }: SideProps) => (
  <div data-side={side}>
    <dt>{values.length === 1 ? name.replace(' one of', '') : name}</dt>
    {values.length === 0 && <dd>{nothing}</dd>}
    {values.map(({ pieces, is }, i) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: they have their places, and nothing else
      <dd key={i}>
        <span className="mono">
          {pieces.map((piece, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: they have their places, and nothing else
            <Shown key={at} piece={piece} />
          ))}
        </span>
        {is && (
          <Text span size="xs" c="dimmed">
            {' '}
            ({is})
          </Text>
        )}
      </dd>
    ))}
  </div>
)

function Shown({ piece: { kind, text } }: { piece: Piece }) {
  if (kind === 'missing')
    return (
      <mark className="piece gap">
        <VisuallyHidden>(nothing here)</VisuallyHidden>
      </mark>
    )
  const inner = visible(text, kind === 'differs').map(({ text, isSign }, i) =>
    isSign ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: they have their places, and nothing else
      <span key={i} className="sign">
        {text}
      </span>
    ) : (
      text
    ),
  )
  return kind === 'differs' ? (
    <mark className="piece">{inner}</mark>
  ) : (
    <span className={kind === 'wild' ? 'piece wild' : 'piece'}>{inner}</span>
  )
}
