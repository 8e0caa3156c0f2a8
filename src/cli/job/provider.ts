/**
 * A job's access token, got here. Rules: the subject token goes to the service that was named, and no default stands in for
 * it; a key that login has kept is the last resort, for a person at a desk: what is set or detected goes before it.
 */
import { resolve } from 'node:path'
import { NoAmbientCredentialError } from '../../client/federation-error.ts'
import type { SourceName } from '../../client/sources/ambient.ts'
import type { SubjectTokenSource } from '../../client/subject-token.ts'
import { ownSurroundings, type Surroundings } from '../../client/surroundings.ts'
import {
  type AccessToken,
  createTokenProvider,
  type TokenAsk,
  type TokenProvider,
} from '../../client/token-provider.ts'
import { complaintOf } from '../complaint.ts'
import { misuse } from '../failure.ts'
import type { Session } from '../session.ts'
import { versionText } from '../version.ts'
import { lightFetch } from './light-fetch.ts'
import type { JobOptions } from './options.ts'

/** A target that is none, whatever COUNTERSIGN_TARGET says: the service may have another name than what it is called here. */
export const serviceItself = ''

export type Job = { provider: TokenProvider; token: AccessToken }

/** Throws Failure and FederationError. */
export async function openJob(session: Session, options: JobOptions, ask: TokenAsk = {}): Promise<Job> {
  const { serviceAccount, scope, audience, target, cache } = options
  const given = {
    url: serviceUrl(session),
    serviceAccount,
    scope,
    audience,
    target,
    ttl: secondsIn('--ttl', options.ttl),
    timeout: 1000 * (secondsIn('--timeout', options.timeout) ?? (session.io.stdin.isTTY ? 10 : 60)),
    cache: cache ? ('file' as const) : undefined,
    surroundings: jobSurroundings(session, options),
  }
  const open = async (source: SourceName | SubjectTokenSource | undefined): Promise<Job> => {
    const provider = createTokenProvider({ ...given, source })
    const unhear = provider.on('refreshFailed', ({ error, attempt, retryInMs }) => {
      if (attempt === 1 && retryInMs !== undefined) session.note(`${complaintOf(error).line}; it is tried again`)
    })
    try {
      return { provider, token: await provider.getToken(ask) }
    } finally {
      unhear()
    }
  }
  try {
    return await open(sourceIn(options))
  } catch (error) {
    const kept = keptKey(session)
    if (!(error instanceof NoAmbientCredentialError) || kept === undefined) throw error
    return open(kept)
  }
}

/** This machine, with the environment of the session; what options say stands in it. */
export function jobSurroundings({ io, options }: Session, { tokenFile }: JobOptions): Surroundings {
  const env: Record<string, string | undefined> = { HOME: io.home, ...io.env }
  // A key in the environment is for the URL there; a context that was asked for is another service.
  if (options.context ?? io.env.COUNTERSIGN_CONTEXT) delete env.COUNTERSIGN_API_KEY
  if (tokenFile !== undefined) {
    for (const name of ['COUNTERSIGN_API_KEY', 'COUNTERSIGN_IDENTITY_TOKEN']) delete env[name]
    env.COUNTERSIGN_IDENTITY_TOKEN_FILE = resolve(io.cwd, tokenFile)
  }
  return { ...ownSurroundings(), fetch: lightFetch(() => `countersign-cli/${versionText()}`), env, now: io.now }
}

/** The organization's URL, where its name is known. Throws Failure. */
export function serviceUrl(session: Session): string {
  const found = serviceUrlIfAny(session)
  if (found === undefined)
    throw misuse(
      'which service? nothing says so',
      'COUNTERSIGN_URL or --url: the organization’s, https://HOST/orgs/NAME',
    )
  return found
}

/** undefined: only the default is left, and whoever listens there shall have no identity. */
export function serviceUrlIfAny(session: Session): string | undefined {
  const { url, org, origins } = session.aim()
  if (origins.url === 'default') return undefined
  return org === undefined ? url : `${url}/orgs/${encodeURIComponent(org)}`
}

export function sourceIn({ source, tokenFile }: JobOptions): SourceName | undefined {
  if (tokenFile === undefined) return source as SourceName | undefined
  if (source !== undefined && source !== 'identity-token-file')
    throw misuse(`--token-file and --source ${source} contradict each other`)
  return 'identity-token-file'
}

/** What login has kept for this service, as a source of its own. */
export function keptKey(session: Session): SubjectTokenSource | undefined {
  const { secret, origins } = session.aim()
  if (secret === undefined || origins.secret !== 'context' || !secret.startsWith('csk_')) return undefined
  return { name: 'login', getSubjectToken: async () => ({ token: secret, type: 'api_key' }) }
}

function secondsIn(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^[1-9]\d{0,5}$/.test(text)) throw misuse(`${name} is a number of seconds`)
  return Number(text)
}
