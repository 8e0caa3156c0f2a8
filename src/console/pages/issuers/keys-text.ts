import type { IssuerKey } from '../../wire/shapes.ts'

export type Jwk = Record<string, unknown>
export type JudgedKeys =
  | { ok: true; jwks: { keys: Jwk[] }; keys: IssuerKey[] }
  | { ok: false; why: string; isSecret: boolean }

const secretMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']
const mostKeys = 100

/**
 * What was pasted or chosen as the keys of an issuer, judged before it goes anywhere. `isSecret`: there is something in
 * it that nobody else should ever have. One key alone is taken for a set of one.
 */
export function judgeKeysText(text: string): JudgedKeys {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) return secret('This is a private key.')
  if (/-----BEGIN /.test(text))
    return unfit(
      'This is PEM. A key set is JSON, {"keys": [...]}: ask the issuer for its JWKS, or turn the key into a JWK.',
    )
  const value = parsed(text)
  if (value === undefined) return unfit('This is no JSON. A key set begins with {"keys": [ and ends with ]}.')
  if (!isObject(value)) return unfit('This is no JSON object with a list of keys.')
  if (holdsSecret(value)) return secret('There is private or symmetric key material in it.')
  const list = Array.isArray(value.keys) ? value.keys : typeof value.kty === 'string' ? [value] : undefined
  if (!list) return unfit('There is no list of keys in it, {"keys": [...]}.')
  if (list.length === 0) return unfit('The list of keys is empty.')
  if (list.length > mostKeys) return unfit(`There are ${list.length} keys in it; ${mostKeys} at most are taken.`)
  const keys = list.filter(isObject)
  const wrong = list.findIndex((key) => !isObject(key) || typeof key.kty !== 'string')
  if (wrong >= 0) return unfit(`Key number ${wrong + 1} has no kty, so it is no JWK.`)
  return { ok: true, jwks: { keys }, keys: keys.map(summary) }
}

const unfit = (why: string): JudgedKeys => ({ ok: false, why, isSecret: false })
const secret = (why: string): JudgedKeys => ({
  ok: false,
  why: `${why} It was not sent and is not kept here. Only public keys are needed; if anybody else may have seen it, replace it at the issuer.`,
  isSecret: true,
})

const isObject = (value: unknown): value is Jwk => typeof value === 'object' && value !== null && !Array.isArray(value)

/** At any depth: whoever pastes the wrong file pastes a whole one. */
function holdsSecret(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(holdsSecret)
  if (!isObject(value)) return false
  const isKey = typeof value.kty === 'string'
  if (isKey && (value.kty === 'oct' || secretMembers.some((member) => value[member] !== undefined))) return true
  return Object.values(value).some(holdsSecret)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const summary = (key: Jwk): IssuerKey => ({
  kid: typeof key.kid === 'string' ? key.kid : null,
  kty: String(key.kty),
  alg: typeof key.alg === 'string' ? key.alg : String(key.crv ?? 'any of its kind'),
})
