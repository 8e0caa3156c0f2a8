/** What a token may do at the most: the account's access, narrowed by the scope that was asked for. Pure. */
import { type Scope, scopes } from '../../protocol/oauth.ts'
import type { AccessLevel } from '../accounts/model.ts'
import { Refusal } from '../errors/refusal.ts'

const allowed: Record<AccessLevel, readonly Scope[]> = { read: ['projects:read'], write: scopes }

/** Words that stock clients send by themselves; alone they mean "the default". */
const stockDefaults = new Set(['openid', 'profile', 'email', 'offline_access'])
/** With `://`: to a URL parser a misspelt `projects:raed` is a URL too, and must not become the widest scope. */
const isStockDefault = (word: string) =>
  stockDefaults.has(word) || word.endsWith('/.default') || (word.includes('://') && URL.canParse(word))

/**
 * The scope to grant (RFC 6749 §3.3), words in the order of protocol/oauth.ts. Unknown words are ignored as long as a
 * known one is left. Throws Refusal('scope_not_allowed').
 */
export function grantScope(asked: string | undefined, access: AccessLevel): string {
  const may = allowed[access]
  const words = (asked ?? '').split(' ').filter(Boolean)
  const known = scopes.filter((scope) => words.includes(scope))
  if (known.length === 0) {
    const stranger = words.find((word) => !isOurs(word) && !isStockDefault(word))
    if (stranger === undefined) return may.join(' ')
    throw new Refusal('scope_not_allowed', {
      says: `no scope of the request is known here; known: ${scopes.join(', ')}`,
    })
  }
  const tooWide = known.find((scope) => !may.includes(scope))
  if (tooWide) throw new Refusal('scope_not_allowed', { says: `the account may not have the scope ${tooWide}` })
  return known.join(' ')
}

/** What is left of a scope that was granted, now that the account may have this. `projects:write` includes reading. */
export function scopeLeft(granted: string, access: AccessLevel): string {
  const may = allowed[access]
  return granted.split(' ').every((word) => isOurs(word) && may.includes(word)) ? granted : may.join(' ')
}

function isOurs(word: string): word is Scope {
  return (scopes as readonly string[]).includes(word)
}
