/**
 * What a job has in hand: where it runs, and whether what its platform says of it is for us. Rules: the service is sent
 * nothing of it (an exchange may use up a token that is good for one only); without an identity there is nothing to say.
 */
import { conflictOf, detectSource } from '../../client/sources/find.ts'
import type { Surroundings } from '../../client/surroundings.ts'
import type { JsonObject } from '../../protocol/json.ts'
import { complaintOf } from '../complaint.ts'
import { jobSurroundings } from '../job/provider.ts'
import { lookAround, type Subject, subjectIn } from '../job/subject.ts'
import type { Session } from '../session.ts'
import { type Check, doubtful, failed, fine } from './check.ts'

/** `source`: that this job would use. `subject`: what it gave, if it did. */
export type JobChecks = { checks: Check[]; source?: string; subject?: Subject }

/** s that a clock may be off before it matters to a token of minutes. */
const skewAllowed = 30

export async function checkJob(session: Session): Promise<JobChecks> {
  const here = jobSurroundings(session, {})
  const conflict = conflictOf(here)
  if (conflict && !here.env.COUNTERSIGN_SOURCE)
    return { checks: [failed('identity', conflict.message, conflict.hint ?? 'unset one of the two')] }
  const around = await lookAround(session, {})
  const { source } = around
  if (source === undefined) return { checks: [] }
  const checks = await others(source, here)
  if (source === 'api-key') return { checks, source }
  try {
    const subject = await subjectIn(session, {}, around)
    const { claims = {} } = subject
    const who = fine('identity', `${source}: ${claims.sub ?? 'no subject'}, of ${claims.iss ?? 'no issuer'}`)
    return { checks: [who, ...checks, ...time(claims, Math.floor(session.io.now() / 1000))], source, subject }
  } catch (error) {
    const { line, problem } = complaintOf(error)
    return { checks: [...checks, failed('identity', line, String(problem.hint ?? 'countersign ambient'))], source }
  }
}

/** Who else could say who this is. */
async function others(source: string, here: Surroundings): Promise<Check[]> {
  const { COUNTERSIGN_API_KEY: _, ...env } = here.env
  const detected = (await detectSource(source === 'api-key' ? { ...here, env } : here)).source?.name
  if (detected === undefined || detected === source) return []
  if (source === 'api-key')
    return [
      doubtful(
        'identity',
        `COUNTERSIGN_API_KEY is used, though ${detected} says who this job is`,
        'unset COUNTERSIGN_API_KEY: a key that is not there cannot leak',
      ),
    ]
  return [
    doubtful(
      'identity',
      `COUNTERSIGN_SOURCE says ${source}, and this looks like ${detected}`,
      `unset it, or set it to ${detected}`,
    ),
  ]
}

function time({ iat, exp }: Readonly<Record<string, unknown>>, now: number): Check[] {
  if (typeof iat === 'number' && iat > now + skewAllowed)
    return [
      failed(
        'identity time',
        `the token was made in ${iat - now} s: this machine’s clock is behind, or its platform’s ahead`,
        'set the clock (NTP)',
      ),
    ]
  if (typeof exp === 'number' && exp <= now + skewAllowed)
    return [
      doubtful(
        'identity time',
        `the token ends in ${exp - now} s`,
        'exchange it sooner, or let its platform make it live longer',
      ),
    ]
  return []
}

/** As the service says of itself; an organization may register others, which it does not tell. */
export function checkAudience({ claims }: Subject, said: JsonObject | undefined): Check[] {
  if (claims === undefined) return []
  if (said === undefined)
    return [
      doubtful(
        'audience',
        'which organization this job is of is not known here',
        'set COUNTERSIGN_URL to its URL, …/orgs/NAME',
      ),
    ]
  const has = (Array.isArray(claims.aud) ? claims.aud : [claims.aud]).filter((each) => typeof each === 'string')
  const wanted = String(said.audience)
  if (has.includes(wanted) || has.includes(String(said.organization)))
    return [fine('audience', `the token is for ${wanted}`)]
  const is = has.length === 0 ? 'for nobody' : `for ${has.join(', ')}`
  return [
    doubtful(
      'audience',
      `the token is ${is}, and the organization is ${wanted}`,
      `have it made for ${wanted}, or let the issuer accept what it has (countersign issuer update --audience)`,
    ),
  ]
}
