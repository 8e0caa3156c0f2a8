/**
 * From an issuer's URL to its keys: OpenID Connect Discovery 1.0 §4, then RFC 7517 §5. Every byte comes through the
 * guarded fetch. Of openid-client only `discovery` is used, and it is given the metadata's whole URL: for an issuer's URL
 * it would let some providers bear another issuer than the one asked for, and ours is compared code point by code point.
 */
import { allowInsecureRequests, customFetch, discovery } from 'openid-client'
import { type KeySet, takeKeySet } from './key-set.ts'
import type { JwkSet, Registration } from './model.ts'
import { type Fetched, type FetchStep, judgeUrl, type Outbound, Unreachable } from './outbound.ts'

export type KeySource = Pick<Registration, 'issuer' | 'jwksUri'>
export type FetchedKeys = {
  set: KeySet
  /** As it was fetched, for other replicas. */
  jwks: JwkSet
  /** Milliseconds that the answer says it may be kept; undefined when it does not say. */
  freshFor: number | undefined
}
export type StepReport = { step: FetchStep; ok: boolean; message: string; milliseconds: number }

/** Fetches the keys now. Throws Unreachable, which says at which step. `onStep` hears of each step, the failed one too. */
export type FetchKeys = (source: KeySource, onStep?: (report: StepReport) => void) => Promise<FetchedKeys>

export function createFetchKeys({ outbound, now = Date.now }: { outbound: Outbound; now?: () => number }): FetchKeys {
  return async (source, onStep = () => {}) => {
    const steps = stepper(onStep)
    const jwksUri = source.jwksUri ?? (await discoverKeys(source.issuer))
    const answer = await steps('jwks', () => outbound.get(jwksUri, { step: 'jwks' }), 'the key set was fetched')
    return steps(
      'keys',
      () => taken(answer, now()),
      ({ set }) => keysSentence(set),
    )

    async function discoverKeys(issuer: string): Promise<string> {
      const fetched = () => metadata(issuer, outbound)
      const document = await steps('discovery', fetched, 'the discovery document was fetched')
      return steps('issuer', () => keysUriOf(document, issuer, outbound), 'its issuer is the registered one')
    }
  }
}

type Metadata = { issuer: string; jwks_uri?: unknown }

/** Where the discovery document of an issuer is: appended to its path, whatever that is. */
export const metadataUrl = (issuer: string) => `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`

async function metadata(issuer: string, outbound: Outbound): Promise<Metadata> {
  const url = metadataUrl(issuer)
  const guarded = async () => {
    const { json } = await outbound.get(url, { step: 'discovery' })
    return Response.json(json)
  }
  const execute = outbound.network.kind === 'any' ? [allowInsecureRequests] : []
  try {
    const why = judgeUrl(issuer, outbound.network)
    if (why) throw new Unreachable('discovery', `the URL ${why}`)
    const found = await discovery(new URL(url), 'countersign', undefined, undefined, {
      [customFetch]: guarded,
      execute,
    })
    return found.serverMetadata()
  } catch (error) {
    // openid-client wraps what our fetch throws.
    const own = error instanceof Error && error.cause instanceof Unreachable ? error.cause : error
    if (own instanceof Unreachable) throw own
    throw new Unreachable('discovery', 'did not answer with an OpenID Connect discovery document', error)
  }
}

async function keysUriOf(document: Metadata, issuer: string, outbound: Outbound): Promise<string> {
  if (document.issuer !== issuer) {
    throw new Unreachable('issuer', 'bears another issuer than the registered one; the comparison is exact')
  }
  const uri = document.jwks_uri
  if (typeof uri !== 'string') throw new Unreachable('issuer', 'names no jwks_uri')
  const why = judgeUrl(uri, outbound.network)
  if (why) throw new Unreachable('issuer', `names a jwks_uri that ${why}`)
  return uri
}

async function taken(answer: Fetched, now: number): Promise<FetchedKeys> {
  const judged = takeKeySet(answer.json, { uploaded: false })
  if (!judged.ok) throw new Unreachable('keys', judged.why)
  const jwks = { keys: answer.json.keys } as unknown as JwkSet
  return { set: judged.set, jwks, freshFor: freshFor(answer.headers, now) }
}

function keysSentence({ keys, skipped }: KeySet): string {
  const [first] = skipped
  const usable = keys.length === 1 ? 'one key can be used' : `${keys.length} keys can be used`
  return first ? `${usable}, ${skipped.length} cannot (the first: ${first.why})` : usable
}

/** RFC 9111 §4.2: what Cache-Control says, else Expires, less the Age. Milliseconds, never below 0. */
export function freshFor(headers: Readonly<Record<string, string>>, now: number): number | undefined {
  const control = headers['cache-control']?.toLowerCase() ?? ''
  if (/(?:^|[\s,])no-(?:store|cache)(?:$|[\s,=])/.test(control)) return 0
  const [, maxAge] = /(?:^|[\s,])max-age="?(\d{1,10})/.exec(control) ?? []
  if (maxAge !== undefined) return Math.max(0, Number(maxAge) - (Number(headers.age) || 0)) * 1000
  if (headers.expires === undefined) return undefined
  const [expires, date] = [Date.parse(headers.expires), Date.parse(headers.date ?? '')]
  return Number.isNaN(expires) ? 0 : Math.max(0, expires - (Number.isNaN(date) ? now : date))
}

/** Runs a step, measures it, and reports how it went. */
function stepper(onStep: (report: StepReport) => void) {
  return async <T>(step: FetchStep, work: () => Promise<T>, done: string | ((result: T) => string)): Promise<T> => {
    const begun = performance.now()
    const report = (ok: boolean, message: string) =>
      onStep({ step, ok, message, milliseconds: Math.round(performance.now() - begun) })
    try {
      const result = await work()
      report(true, typeof done === 'string' ? done : done(result))
      return result
    } catch (error) {
      report(false, error instanceof Unreachable ? error.says : 'failed')
      throw error
    }
  }
}
