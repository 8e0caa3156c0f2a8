import { Anchor, Text, Title } from '@mantine/core'
import { useId, useState } from 'react'

export type Share = { key: string; label: string; granted: number; refused: number }
type Props = {
  title: string
  of: string
  shares: readonly Share[]
  chosen: string | undefined
  onPick: (key: string) => void
  none: string
}

const atFirst = 6

/** How much came of what, the most first: a table that is its own chart. Each row filters the list, and again lets go. */
export function Shares({ title, of, shares, chosen, onPick, none }: Props) {
  const id = useId()
  const [isAll, setAll] = useState(false)
  const most = Math.max(...shares.map(({ granted, refused }) => granted + refused), 1)
  const shown = isAll ? shares : shares.slice(0, atFirst)
  return (
    <div>
      <Title order={3} id={id} mb={4}>
        {title}
      </Title>
      {shares.length === 0 ? (
        <Text size="sm" c="dimmed">
          {none}
        </Text>
      ) : (
        <table className="shares" aria-labelledby={id}>
          <thead>
            <tr>
              <th scope="col">{of}</th>
              <th scope="col" className="count">
                Exchanges
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map(({ key, label, granted, refused }) => (
              <tr key={key}>
                <th scope="row">
                  <Anchor
                    component="button"
                    type="button"
                    size="sm"
                    ta="left"
                    mih={24}
                    fw={chosen === key ? 650 : undefined}
                    aria-pressed={chosen === key}
                    onClick={() => onPick(chosen === key ? '' : key)}
                  >
                    {label}
                  </Anchor>
                  <span className="share" style={{ width: `${((granted + refused) / most) * 100}%` }} aria-hidden>
                    <span className="granted" style={{ flexGrow: granted }} />
                    <span className="refused" style={{ flexGrow: refused }} />
                  </span>
                </th>
                <td className="count">{saidOf(granted, refused)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {shown.length < shares.length && (
        <Anchor component="button" type="button" size="sm" mih={24} onClick={() => setAll(true)}>
          Show all {shares.length}
        </Anchor>
      )}
    </div>
  )
}

const saidOf = (granted: number, refused: number) => {
  const parts = [
    granted > 0 && `${granted.toLocaleString('en')} granted`,
    refused > 0 && `${refused.toLocaleString('en')} refused`,
  ]
  return parts.filter(Boolean).join(', ')
}
