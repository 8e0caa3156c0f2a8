/** What to know of a pasted token, before its like is let in. Pure. */
import type { Issuer } from '../../wire/shapes.ts'
import type { ReadToken } from './read-token.ts'

/** `issuer`: the registered one of its URL; `now`: milliseconds since 1970. */
export function tokenNotes(
  token: ReadToken,
  issuer: Pick<Issuer, 'audiences' | 'enabled' | 'name'> | undefined,
  now: number,
): string[] {
  const notes: string[] = []
  if (token.issuer === undefined) notes.push('It does not say who issued it: choose the issuer yourself.')
  else if (!issuer) notes.push(`No registered issuer has its URL, ${token.issuer}: it would be refused.`)
  else if (!issuer.enabled) notes.push(`The issuer ${issuer.name} is disabled: it would be refused.`)
  if (issuer && !token.audiences.some((one) => issuer.audiences.includes(one)))
    notes.push(
      `It is meant for ${token.audiences.join(', ') || 'nobody'}; the issuer ${issuer.name} accepts ${issuer.audiences.join(', ')} alone.`,
    )
  if (token.expires !== undefined && token.expires * 1000 < now)
    notes.push('It has expired. What it says of its job is of use all the same.')
  notes.push('Nobody has verified it yet: a policy that fits it lets in whoever has such tokens signed by the issuer.')
  return notes
}
