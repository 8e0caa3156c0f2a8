import { useSyncExternalStore } from 'react'

/** One clock for the whole page, that ticks twice a minute. */
let now = Date.now()
const listeners = new Set<() => void>()
setInterval(() => {
  now = Date.now()
  for (const listener of listeners) listener()
}, 30_000)
const subscribe = (listener: () => void) => {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

const steps: [unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
]
const words = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })
const whole = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'medium' })

export function relative(at: number, from: number): string {
  const seconds = (at - from) / 1000
  const [unit, length] = steps.find(([, length]) => Math.abs(seconds) >= length) ?? []
  if (!unit || !length) return seconds > 0 ? 'in a moment' : 'just now'
  return words.format(Math.round(seconds / length), unit)
}

export const absolute = (at: string): string => whole.format(new Date(at))

/** How long ago, or how soon; the moment itself on hover. `never`: what no time is called. */
export function RelativeTime({ at, never = 'never' }: { at: string | null | undefined; never?: string }) {
  const from = useSyncExternalStore(subscribe, () => now)
  if (!at) return <span>{never}</span>
  return (
    <time dateTime={at} title={absolute(at)}>
      {relative(Date.parse(at), Math.max(from, Date.now()))}
    </time>
  )
}
