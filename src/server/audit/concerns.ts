/**
 * What an event says in its body alone: the issuer of the token that was shown, and every account that it is about. Pure.
 * `needles` are found in the text of every body that fits, and in some that do not: the columns cost nothing to have, and
 * a body is read where its text has one of them.
 */
import type { JsonObject } from '../../protocol/json.ts'
import type { AuditEvent } from './event.ts'
import type { AskedAccount, TrailQuery } from './store.ts'

type Asked = Pick<TrailQuery, 'issuer' | 'account'>

/** Of each list, one has to be in the text, which is JCS (RFC 8785). */
export function needlesOf({ issuer, account }: Asked): readonly (readonly string[])[] {
  const { id, name } = account ?? {}
  const ofAccount = [
    ...(id === undefined ? [] : [JSON.stringify(id)]),
    ...(name === undefined ? [] : [`"requested_service_account":${JSON.stringify(name)}`]),
  ]
  return [...(issuer === undefined ? [] : [[`"issuer":${JSON.stringify(issuer)}`]]), ofAccount].filter(
    (list) => list.length > 0,
  )
}

export function concerns({ issuer, account }: Asked, body: string): boolean {
  if (issuer === undefined && !account) return true
  const event = JSON.parse(body) as AuditEvent
  return (issuer === undefined || event.detail.issuer === issuer) && (!account || isAbout(account, event))
}

/** It did it, or it was done to it, to a key or a policy of it, or it was asked for, though somebody else was refused. */
function isAbout({ id, name }: AskedAccount, { actor, target, detail }: AuditEvent): boolean {
  const { owner, service_account, requested_service_account: requested } = detail
  const ids = [actor.id, target?.id, (owner as JsonObject | undefined)?.id, service_account, requested]
  return ids.includes(id) || (name !== undefined && requested === name)
}
