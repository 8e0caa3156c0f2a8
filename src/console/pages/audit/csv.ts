/** Events as RFC 4180 has tables. */
import type { AuditEvent } from '../../wire/shapes.ts'
import { plainOf, told } from './told.ts'

const columns: readonly (readonly [title: string, cell: (event: AuditEvent) => string | undefined])[] = [
  ['id', ({ id }) => id],
  ['at', ({ at }) => at],
  ['what', (event) => plainOf(told(event))],
  ['type', ({ type }) => type],
  ['result', ({ result }) => result],
  ['reason', ({ reason }) => reason],
  ['request_id', ({ request_id }) => request_id],
  ['team', ({ team }) => team],
  ['actor_type', ({ actor }) => actor.type],
  ['actor_id', ({ actor }) => actor.id],
  ['actor_name', ({ actor }) => actor.name],
  ['target_type', ({ target }) => target?.type],
  ['target_id', ({ target }) => target?.id],
  ['target_name', ({ target }) => target?.name],
  ['ip', ({ client }) => client.ip],
  ['user_agent', ({ client }) => client.user_agent],
  ['detail', ({ detail }) => JSON.stringify(detail)],
  ['prev', ({ prev }) => prev],
  ['hash', ({ hash }) => hash],
]

export const csvHead = `${columns.map(([title]) => title).join()}\r\n`
export const csvRow = (event: AuditEvent) => `${columns.map(([, cell]) => written(cell(event) ?? '')).join()}\r\n`

/** Names and user agents are whatever strangers like: what a spreadsheet would take for a formula gets a quote before it. */
function written(text: string): string {
  const tame = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(tame) ? `"${tame.replaceAll('"', '""')}"` : tame
}
