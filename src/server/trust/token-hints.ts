/** Why a token does not fit an issuer as it is registered: its issuer URL, its audience, its times. Pure. */
import type { JsonObject } from '../../protocol/json.ts'
import { distinct } from './claim-hints.ts'
import { type Hint, hint, spellingHints } from './hints.ts'

/** `registered`: issuer URLs of the organization. */
export function issuerHints(registered: readonly string[], received: string): Hint[] {
  for (const expected of registered) {
    const how = issuerForm(expected, received)
    if (how !== undefined) return [hint('other_issuer_form', `registered is ${expected}: ${how}`)]
  }
  return []
}

function issuerForm(expected: string, received: string): string | undefined {
  const [spelling] = spellingHints(expected, received)
  if (spelling) return spelling.message
  const scheme = /^https?:\/\//i
  if (expected.replace(scheme, '') === received.replace(scheme, '')) return 'they differ in http and https'
  const [one, other] = [parsed(expected), parsed(received)]
  if (!one || !other) return undefined
  if (isGitHub(one) && isGitHub(other))
    return 'both are GitHub; an enterprise, GHE.com and each GitHub Enterprise Server have an issuer of their own'
  if (isEntra(one) && isEntra(other))
    return tenantOf(one) === tenantOf(other)
      ? 'both are of this tenant of Entra ID; tokens of its versions 1 and 2 have an issuer each'
      : 'both are Entra ID, of different tenants'
  if (one.host === other.host) return 'they have one host; the path names another tenant, cluster or version'
  return undefined
}

const parsed = (text: string): URL | undefined =>
  text.length <= 2048 && URL.canParse(text) ? new URL(text) : undefined
const isGitHub = ({ host, pathname }: URL) =>
  host === 'token.actions.githubusercontent.com' ||
  /^token\.actions\.[^.]+\.ghe\.com$/.test(host) ||
  pathname === '/_services/token'
const isEntra = ({ host }: URL) => host === 'sts.windows.net' || host === 'login.microsoftonline.com'
const tenantOf = ({ pathname }: URL) => pathname.split('/')[1]

type Ours = { publicUrl: string; org: string }

/** `registered`: audiences of this issuer here. */
export function audienceHints(registered: readonly string[], received: readonly string[], ours: Ours): Hint[] {
  const first = registered[0] ?? `${ours.publicUrl}/orgs/${ours.org}`
  const ask = `ask the platform for ${first}`
  if (received.length === 0) return [hint('audience_form', `the token names no audience; ${ask}`)]
  const further = received.filter((audience) => !registered.includes(audience))
  if (further.length < received.length)
    return [
      hint(
        'audience_form',
        `the token is meant for others too: ${list(further)}; ${ask} alone, or let the issuer have extra_audiences`,
      ),
    ]
  return distinct(received.slice(0, 8).flatMap((audience) => audienceHint(registered, audience, ours, ask)))
}

function audienceHint(registered: readonly string[], audience: string, { publicUrl, org }: Ours, ask: string): Hint[] {
  const near = registered
    .map((one) => [one, spellingHints(one, audience)] as const)
    .find(([, hints]) => hints.length > 0)
  if (near) return [...near[1], hint('audience_form', `registered is ${near[0]}: ${near[1][0]?.message}`)]
  const own = `${publicUrl}/orgs/${org}`
  const say = (message: string) => [hint('audience_form', `${message}; ${ask}`)]
  if (audience === own || audience === org)
    return say(`${audience} is the organization's, but this issuer is registered for others`)
  if (audience.startsWith(`${publicUrl}/orgs/`)) return say(`${audience} is the audience of another organization`)
  if (audience === publicUrl || audience.startsWith(`${publicUrl}/`))
    return say(`${audience} is the installation, and no organization`)
  const scheme = /^https?:\/\//i
  if (registered.some((one) => one.replace(scheme, '') === audience.replace(scheme, '')))
    return say('it differs in http and https, or in having neither')
  if (registered.some((one) => one.endsWith(`/${audience}`)))
    return say('it is the name alone, where the whole URL is registered')
  return []
}

const list = (texts: readonly string[]) =>
  texts
    .slice(0, 4)
    .map((text) => JSON.stringify(text))
    .join(', ')

/** `now` and `tolerance` in seconds; `reason`: that the times were refused for. */
export function clockHints(reason: string, { exp, nbf, iat }: JsonObject, now: number, tolerance: number): Hint[] {
  const ahead = Math.ceil(Math.max(...[iat, nbf].filter((time) => typeof time === 'number'), now) - now)
  const tolerated = `${tolerance} s are tolerated (clock_tolerance)`
  if (reason === 'token_issued_in_future' || reason === 'token_not_yet_valid')
    return [hint('clock_skew', `the issuer's clock seems to be ${ahead} s ahead of ours; ${tolerated}`)]
  if (reason !== 'token_expired' || typeof exp !== 'number') return []
  const ago = Math.floor(now - exp)
  if (ahead > 0)
    return [
      hint('clock_skew', `it expired ${ago} s ago, and was issued ${ahead} s in the future: the issuer's clock is off`),
    ]
  // Beyond what can be tolerated at all it is an old token, whatever the clocks say.
  if (ago > widestTolerance) return []
  const lived = typeof iat === 'number' ? `, after ${Math.round(exp - iat)} s of life` : ''
  return [
    hint(
      'clock_skew',
      `it expired ${ago} s ago${lived}; ${tolerated}: fetch a fresh one for each exchange, or compare clocks`,
    ),
  ]
}

const widestTolerance = 300
