/** How far back one looks. Pure. */
export const spans = {
  '1h': 'Last hour',
  '24h': 'Last 24 hours',
  '7d': 'Last 7 days',
  '30d': 'Last 30 days',
  '90d': 'Last 90 days',
} as const
export type Span = keyof typeof spans

const hour = 3_600_000
const lengths: Record<Span, number> = {
  '1h': hour,
  '24h': 24 * hour,
  '7d': 168 * hour,
  '30d': 720 * hour,
  '90d': 2160 * hour,
}
/** So that each bar is a round time. */
const bars: Record<Span, number> = { '1h': 30, '24h': 48, '7d': 42, '30d': 60, '90d': 45 }

export const isSpan = (text: string | undefined): text is Span => text !== undefined && Object.hasOwn(spans, text)

export type Asked = { span?: string | undefined; from?: string | undefined; to?: string | undefined }
/** Whether it is a part that was chosen, from one time to another. */
export const isPart = ({ from, to }: Asked): boolean => Date.parse(from ?? '') < Date.parse(to ?? '')

/** `to` undefined: until now. */
export type Range = { from: string; to?: string; buckets: number }

/** Of an address: `from` and `to` where both are times, else the span, else a day. `now`: ms since 1970. */
export function rangeOf({ span, from, to }: Asked, now: number): Range {
  if (from !== undefined && to !== undefined && isPart({ from, to }))
    return { from: new Date(from).toISOString(), to: new Date(to).toISOString(), buckets: 48 }
  const asked = isSpan(span) ? span : '24h'
  return { from: new Date(now - lengths[asked]).toISOString(), buckets: bars[asked] }
}
