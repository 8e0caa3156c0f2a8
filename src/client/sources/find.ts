/**
 * The search for the subject token. Rules: what was set explicitly comes before what is detected; the first source that is at
 * home decides, and when it is broken its error ends the search, since the next one would only name somebody else; a source
 * that was named is asked without `detect`, so that its error says what is missing.
 */
import {
  ConfigError,
  FederationError,
  NoAmbientCredentialError,
  SubjectTokenError,
  type Tried,
} from '../federation-error.ts'
import type { TokenProviderOptions } from '../provider-options.ts'
import type { SubjectAsk, SubjectTokenSource } from '../subject-token.ts'
import type { Surroundings } from '../surroundings.ts'
import { type SourceName, sourceNames, sources } from './ambient.ts'
import { type Found, judged } from './judged.ts'

export type { Found } from './judged.ts'

/** Throws ConfigError for a source that is none; what it answers with throws FederationError, or the reason of its signal. */
export function createSubjectFinder(
  source: TokenProviderOptions['source'],
  here: Surroundings,
): (ask: SubjectAsk) => Promise<Found> {
  const wanted = source ?? (here.env.COUNTERSIGN_SOURCE?.trim() || 'auto')
  if (wanted === 'auto')
    return async (ask) => {
      const conflict = conflictOf(here)
      if (conflict) throw conflict
      return firstAtHome(await lookedFor(ambient(), here, { isFirst: true, without: named }), ask, here)
    }
  if (Array.isArray(wanted)) {
    if (wanted.length === 0) throw new ConfigError('`source` is an empty list: no source is left')
    const listed = wanted.map(sourceOf)
    return async (ask) => firstAtHome(await lookedFor(listed, here, { isFirst: true }), ask, here)
  }
  const one = sourceOf(wanted as SourceName | SubjectTokenSource)
  return (ask) => subjectOf(one, ask, here)
}

/** Which source `auto` would ask, and why none of the others. It asks nobody for a token. */
export function detectSource(here: Surroundings): Promise<{ source?: SubjectTokenSource; tried: Tried[] }> {
  return lookedFor(ambient(), here, { isFirst: false, without: named })
}

/** An identity token and an API key, both set explicitly: nobody can tell which of the two is meant. */
export function conflictOf({ env }: Surroundings): ConfigError | undefined {
  const isSet = (name: string) => Boolean(env[name]?.trim())
  const identity = ['COUNTERSIGN_IDENTITY_TOKEN_FILE', 'COUNTERSIGN_IDENTITY_TOKEN'].find(isSet)
  if (!identity || !isSet('COUNTERSIGN_API_KEY')) return undefined
  return new ConfigError(`both ${identity} and COUNTERSIGN_API_KEY are set`, {
    code: 'conflicting_credentials',
    hint: 'unset one of them, or say which by COUNTERSIGN_SOURCE (identity-token-file, identity-token, api-key)',
  })
}

const ambient = () => sourceNames.map((name) => sources[name])
const named = 'it has to be named'

/**
 * `isFirst`: nobody is asked after the first that is at home. `without`: why a source that has no `detect` is passed over;
 * none: it is taken, since whoever names it means it.
 */
async function lookedFor(
  listed: readonly SubjectTokenSource[],
  here: Surroundings,
  { isFirst, without }: { isFirst: boolean; without?: string },
): Promise<{ source?: SubjectTokenSource; tried: Tried[] }> {
  const tried: Tried[] = []
  let home: SubjectTokenSource | undefined
  for (const source of listed) {
    const { name, missing = 'it is not detected' } = source
    const isHome = source.detect ? await isAtHome(source, here) : without === undefined
    if (!isHome) tried.push({ source: name, why: source.detect ? missing : (without as string) })
    else if (home) tried.push({ source: name, why: `${home.name} comes first` })
    else home = source
    if (home && isFirst) break
  }
  return home ? { source: home, tried } : { tried }
}

/** To detect is silent: one that cannot tell is not at home. */
async function isAtHome(source: SubjectTokenSource, here: Surroundings): Promise<boolean> {
  try {
    return (await source.detect?.(here)) === true
  } catch {
    return false
  }
}

function firstAtHome(
  { source, tried }: { source?: SubjectTokenSource; tried: Tried[] },
  ask: SubjectAsk,
  here: Surroundings,
): Promise<Found> {
  if (source) return subjectOf(source, ask, here)
  const list = tried.map(({ source: name, why }) => `${name} (${why})`).join(', ')
  throw new NoAmbientCredentialError(`nothing here says who this workload is. Looked for: ${list}`, {
    tried,
    hint: 'in a job, let its platform give it a token; elsewhere set COUNTERSIGN_IDENTITY_TOKEN_FILE or COUNTERSIGN_API_KEY',
  })
}

async function subjectOf(source: SubjectTokenSource, ask: SubjectAsk, here: Surroundings): Promise<Found> {
  ask.signal.throwIfAborted()
  let subject: Awaited<ReturnType<SubjectTokenSource['getSubjectToken']>>
  try {
    subject = await source.getSubjectToken(ask, here)
  } catch (error) {
    if (isLate(ask.signal))
      throw new SubjectTokenError(source.name, 'no token came in time', {
        code: 'platform_unavailable',
        isUnavailable: true,
        hint: 'it is the platform that did not answer, and not the service',
        cause: ask.signal.reason,
      })
    if (error instanceof FederationError) throw error
    ask.signal.throwIfAborted()
    throw new SubjectTokenError(source.name, 'it failed', { cause: error })
  }
  return judged(source, subject, { audience: ask.audience, now: here.now() })
}

/** Whether it was an attempt's time that ended it, and nobody's wish: what callers give as a reason is theirs. */
function isLate({ aborted, reason }: AbortSignal): boolean {
  return aborted && reason?.code === 'timeout'
}

function sourceOf(source: SourceName | SubjectTokenSource): SubjectTokenSource {
  if (typeof source !== 'string') {
    if (typeof source?.name === 'string' && typeof source.getSubjectToken === 'function') return source
    throw new ConfigError('a source is a name, or has a `name` and `getSubjectToken`')
  }
  const known = Object.hasOwn(sources, source) ? sources[source] : undefined
  if (known) return known
  const name = /^[\w-]{1,40}$/.test(source) ? `"${source}"` : 'of that name'
  throw new ConfigError(`there is no source ${name}`, {
    hint: `auto, or one of: ${sourceNames.join(', ')}`,
  })
}
