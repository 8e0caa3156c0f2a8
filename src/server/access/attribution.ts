/**
 * Who gets the credit for what a service account does (domain.md, "Attribution"). Pure.
 * Rules: it never changes what is allowed; whoever cannot be credited is ignored, and the answer says why; an empty text
 * is not given, since clients always send both fields, and so is the principal's own e-mail address.
 */
import type { AttributionFault } from '../../protocol/access.ts'

/** What was given. An e-mail address in place of a username is taken for one: clients' documentation does that. */
export type Names = { username?: string; email?: string }
/** Somebody of the organization. `inTeam`: a member of the team that the project is in. */
export type Person = { id: string; username: string; email: string; inTeam: boolean }
export type Attributing =
  | { type: 'service_account'; scope: 'organization' | 'team' }
  | { type: 'user'; username: string; email: string }
export type Attribution = { person?: Person; ignored?: AttributionFault }

/** Undefined when what was sent is not of the shape `{username?, email?}`. */
export function namesIn(sent: unknown): Names | undefined {
  if (sent === undefined || sent === null) return {}
  if (typeof sent !== 'object' || Array.isArray(sent)) return undefined
  const { username, email } = sent as Record<string, unknown>
  if (!isTextOrNothing(username) || !isTextOrNothing(email)) return undefined
  return { ...(username ? { username } : {}), ...(email ? { email } : {}) }
}

/** `people`: whom the organization has under one of the names; others may be among them. */
export function attribute(principal: Attributing, names: Names | undefined, people: readonly Person[]): Attribution {
  if (!names) return { ignored: 'attribution_malformed' }
  const given = Object.values(names).filter((name) => principal.type !== 'user' || !isCalled(principal, name))
  if (given.length === 0) return {}
  if (principal.type === 'user') return { ignored: 'principal_is_user' }
  const found = Object.entries(names).map(([field, name]) =>
    people.find((person) => (field === 'email' ? hasEmail(person, name) : isCalled(person, name))),
  )
  const [person] = found
  if (found.every((one) => one === undefined)) return { ignored: 'user_unknown' }
  if (!person || found.some((one) => one?.id !== person.id)) return { ignored: 'username_and_email_differ' }
  return principal.scope === 'team' && !person.inTeam ? { ignored: 'not_a_team_member' } : { person }
}

type Called = Pick<Person, 'username' | 'email'>
const hasEmail = ({ email }: Called, name: string) => email.toLowerCase() === name.toLowerCase()
const isCalled = (person: Called, name: string) => person.username === name || hasEmail(person, name)

const isTextOrNothing = (value: unknown): value is string | null | undefined =>
  value === undefined || value === null || typeof value === 'string'
