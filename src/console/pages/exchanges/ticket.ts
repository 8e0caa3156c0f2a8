/** An explanation as plain text, for a ticket. Pure. */
import type { AuditEvent, Explained } from '../../wire/shapes/trail.ts'
import { begun, lengthOf, reasonPage, stepName } from './words.ts'

/** What came of it, in one sentence. */
export function sentenceOf({ outcome, steps, grant }: Explained): string {
  if (outcome === 'granted' && grant) {
    const who = grant.service_account ?? grant.user ?? 'nobody'
    return `A token for ${who}, with ${grant.scope}, good for ${lengthOf(grant.expires_in)}.`
  }
  const failed = steps.find((step) => step.outcome === 'failed')
  if (!failed) return 'Every step holds.'
  const said = begun(failed.message)
  return `${said}${/[.!?]$/.test(said) ? '' : '.'}`
}

const written = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))
/** One value, one line, whatever a stranger has put into it. */
const line = (name: string, value: unknown) =>
  `${name}: ${written(value).replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, escaped)}`
const escaped = (one: string) => `\\u${(one.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`
const signs = { ok: '✓', failed: '✗', skipped: '-' } as const

/** `nearest`: so many candidates. */
export function ticketOf(explained: Explained, event?: Pick<AuditEvent, 'request_id' | 'at'>, nearest = 3): string {
  const { outcome, reason, steps, candidates } = explained
  const lines = [`Countersign: ${outcome}${reason ? ` (${reason})` : ''}`, sentenceOf(explained)]
  if (event) lines.push(line('Request', event.request_id), line('Time', event.at))
  lines.push('')
  for (const step of steps) {
    lines.push(line(`${signs[step.outcome]} ${stepName(step.step)}`, step.message))
    if (step.outcome !== 'failed') continue
    if (step.expected !== undefined) lines.push(line('    expected', step.expected))
    if (step.received !== undefined) lines.push(line('    received', step.received))
    for (const { message } of step.hints) lines.push(line('    hint', message))
  }
  for (const { service_account, policy, name, conditions, hints } of candidates.slice(0, nearest)) {
    lines.push('', line('Policy', `${name ?? policy ?? 'a new one'} of ${service_account}`))
    for (const { claim, op, expected, received, holds } of conditions) {
      lines.push(
        holds ? line('  ✓', claim) : line('  ✗', `${claim} ${op} ${written(expected)}, got ${written(received)}`),
      )
    }
    for (const { message } of hints) lines.push(line('    hint', message))
  }
  if (reason) lines.push('', line('What it means', reasonPage(reason)))
  return `${lines.join('\n')}\n`
}
