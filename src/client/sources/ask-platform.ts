import { SubjectTokenError } from '../federation-error.ts'
import type { Surroundings } from '../surroundings.ts'
import { callPlatform, isPassing, membersOf, type PlatformCall } from './call-platform.ts'

export type PlatformRequest = Omit<PlatformCall, 'timeout' | 'what'> & {
  /** What to do when it says no (4xx). */
  readonly whenRefused?: string
}

/** The text of a 2xx. Throws SubjectTokenError, `isUnavailable` where asking again may help, or the reason of the signal. */
export async function askPlatform(
  source: string,
  here: Pick<Surroundings, 'fetch'>,
  { whenRefused, ...request }: PlatformRequest,
): Promise<string> {
  const { status, text } = await callPlatform(source, here, request)
  if (status >= 200 && status < 300) return text
  const isUnavailable = isPassing(status)
  throw new SubjectTokenError(source, `${request.url.host} answered with ${status || 'a redirect'}`, {
    isUnavailable,
    hint: isUnavailable ? undefined : whenRefused,
  })
}

/** A text member of a JSON answer. Throws SubjectTokenError. */
export function memberOf(source: string, text: string, name: string): string {
  const value = membersOf(text)[name]
  if (typeof value === 'string') return value
  throw new SubjectTokenError(source, `the platform's answer is no JSON with a "${name}"`)
}
