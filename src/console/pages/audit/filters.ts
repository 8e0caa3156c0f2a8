/** What an address asks of the trail. */
export const filterNames = [
  'type',
  'result',
  'actor',
  'target',
  'request_id',
  'reason',
  'issuer',
  'service_account',
  'team',
] as const
export type FilterName = (typeof filterNames)[number]
/** `span`: a preset, up to now; `from` and `to`: RFC 3339. */
export type AuditSearch = { [Name in FilterName | 'span' | 'from' | 'to' | 'event' | 'of' | 'chain']?: string }

const hour = 3_600_000
export const spans: Record<string, { words: string; ms: number }> = {
  '1h': { words: 'Last hour', ms: hour },
  '24h': { words: 'Last 24 hours', ms: 24 * hour },
  '7d': { words: 'Last 7 days', ms: 168 * hour },
  '30d': { words: 'Last 30 days', ms: 720 * hour },
}

/** As the API takes it. A span counts from the moment that is given, in ms. */
export function queryOf(search: AuditSearch, now: number): Record<string, string> {
  const query: Record<string, string> = {}
  for (const name of filterNames) {
    const value = search[name]?.trim()
    if (value) query[name] = value
  }
  const span = spans[search.span ?? '']
  if (span) return { ...query, from: new Date(now - span.ms).toISOString() }
  for (const name of ['from', 'to'] as const) {
    const at = Date.parse(search[name] ?? '')
    if (!Number.isNaN(at)) query[name] = new Date(at).toISOString()
  }
  return query
}

export const isFiltered = (search: AuditSearch): boolean => Object.keys(queryOf(search, 0)).length > 0

/** As a field of the browser has it, which knows no zone: local time, to the minute. */
export function fieldOf(time: string | undefined): string {
  const at = new Date(time ?? '')
  if (Number.isNaN(at.getTime())) return ''
  const local = new Date(at.getTime() - at.getTimezoneOffset() * 60_000)
  return local.toISOString().slice(0, 16)
}
/** '' for what is no time (yet). `to` means its whole minute. */
export function timeOf(field: string, end: 'from' | 'to'): string {
  const at = new Date(field).getTime()
  return Number.isNaN(at) ? '' : new Date(at + (end === 'to' ? 59_999 : 0)).toISOString()
}
