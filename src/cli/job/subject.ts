/** Where we are, and the identity that this place gives: for the commands that look at it. */
import { ConfigError, SubjectTokenError, type Tried } from '../../client/federation-error.ts'
import { conflictOf, createSubjectFinder, detectSource } from '../../client/sources/find.ts'
import { claimsOf } from '../../client/sources/unverified.ts'
import type { Session } from '../session.ts'
import type { JobOptions } from './options.ts'
import { jobSurroundings, serviceUrlIfAny, sourceIn } from './provider.ts'

/** `source`: the one that would be asked. `others`: each that was looked for, and why not. */
export type Around = { source: string | undefined; others: readonly Tried[] }
/** `claims`: of a token, unverified; none of an API key. `asked`: whom the platform was to make it for. */
export type Subject = {
  type: string
  claims: Readonly<Record<string, unknown>> | undefined
  asked: string | undefined
}

/** ms: longer than any platform takes. */
const patience = 30_000

/** Asks nobody. Throws ConfigError, when two identities are set and none is named. */
export async function lookAround(session: Session, options: JobOptions): Promise<Around> {
  const here = jobSurroundings(session, options)
  const named = sourceIn(options) ?? (here.env.COUNTERSIGN_SOURCE?.trim() || undefined)
  if (named !== undefined && named !== 'auto') return { source: named, others: [] }
  const conflict = conflictOf(here)
  if (conflict) throw conflict
  const { source, tried } = await detectSource(here)
  return { source: source?.name, others: tried }
}

/** Asks the platform. Throws FederationError. */
export async function subjectIn(session: Session, options: JobOptions, { source }: Around): Promise<Subject> {
  if (source === undefined) throw new ConfigError('there is no source')
  const here = jobSurroundings(session, options)
  const asked = options.audience ?? (here.env.COUNTERSIGN_AUDIENCE?.trim() || audienceIn(session))
  const find = createSubjectFinder(source as NonNullable<ReturnType<typeof sourceIn>>, here)
  const tooLate = new AbortController()
  const timer = setTimeout(() => tooLate.abort(late(source)), patience)
  const { token, type } = await find({ audience: asked, signal: tooLate.signal }).finally(() => clearTimeout(timer))
  return { type, asked, claims: type === 'api_key' ? undefined : claimsOf(token) }
}

const late = (source: string) =>
  new SubjectTokenError(source, `no answer within ${patience / 1000} s`, {
    code: 'timeout',
    isUnavailable: true,
    hint: 'is what gives the identity reachable from here?',
  })

/** The organization's URL; that of a service alone is nobody's. */
function audienceIn(session: Session): string | undefined {
  return session.aim().org === undefined ? undefined : serviceUrlIfAny(session)
}
