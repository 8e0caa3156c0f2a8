import '@mantine/spotlight/styles.css'
import { useDebouncedValue } from '@mantine/hooks'
import { createSpotlight, Spotlight } from '@mantine/spotlight'
import { IconSearch } from '@tabler/icons-react'
import { useParams, useRouter } from '@tanstack/react-router'
import { type KeyboardEvent, useEffect, useState } from 'react'
import { base } from '../wire/base.ts'
import { useSession } from '../wire/session.ts'
import { type Destination, pagesOf, useFound } from './destinations.ts'

const [store, spotlight] = createSpotlight()

/** To any page, team, account or issuer by a few letters; to an exchange by its request id. */
export function Palette({ onClose }: { onClose: () => void }) {
  const { me } = useSession()
  const params = useParams({ strict: false })
  const org = params.org ?? me.org
  const { history } = useRouter()
  const [query, setQuery] = useState('')
  const [asked] = useDebouncedValue(query.trim(), 150)
  const found = useFound(org, me, asked)
  useEffect(() => spotlight.open(), [])
  const words = query.trim().toLowerCase()
  const pages = pagesOf(org, me).filter(({ label }) => label.toLowerCase().includes(words))
  const go = ({ href }: Destination) => {
    spotlight.close()
    history.push(`${base}${href}`)
  }
  const destinations = [...pages, ...found]
  /** What is found comes after what was typed: then nothing is chosen yet, and Enter means the first. */
  const takeFirst = ({ key }: KeyboardEvent) => {
    const [first] = destinations
    if (key === 'Enter' && first && store.getState().selected < 0) go(first)
  }
  return (
    <Spotlight.Root
      store={store}
      query={query}
      onQueryChange={setQuery}
      onSpotlightClose={onClose}
      shortcut={null}
      attributes={{ content: { 'aria-label': 'Go to' } }}
      scrollable
      maxHeight={420}
    >
      <Spotlight.Search
        onKeyDown={takeFirst}
        placeholder="A page, a name, or a request id"
        aria-label="Go to"
        leftSection={<IconSearch size={18} aria-hidden />}
      />
      <Spotlight.ActionsList>
        {destinations.map((destination) => (
          <Spotlight.Action
            key={destination.href}
            label={destination.label}
            description={destination.about}
            onClick={() => go(destination)}
          />
        ))}
        {destinations.length === 0 && <Spotlight.Empty>Nothing has this name.</Spotlight.Empty>}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  )
}
