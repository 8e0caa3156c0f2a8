/** A user name and a token for a host, for the programs that ask for such. */
import type { Command } from 'commander'
import type { AccessToken } from '../../client/token-provider.ts'
import { misuse } from '../failure.ts'
import { maskInLog } from '../job/masked.ts'
import { type JobOptions, withCacheOption, withJobOptions } from '../job/options.ts'
import { openJob, serviceItself, serviceUrl } from '../job/provider.ts'
import type { Session } from '../session.ts'
import { entryFor, type Named, namedHosts, type Place } from './hosts.ts'

export type CredentialOptions = JobOptions & { host?: string[] }
export type Credential = { username: string; token: AccessToken }

/** By convention; whoever takes tokens by Basic authentication looks at the password alone. */
const username = 'api'

export const withHostOption = (command: Command): Command =>
  withCacheOption(withJobOptions(command)).option(
    '--host <host=target>',
    'who may have a token, and which API that is; more than once (COUNTERSIGN_CREDENTIAL_HOSTS)',
    // One at a time: git puts its word behind what stands here.
    (host: string, before: string[] = []) => [...before, host],
  )

export const hostsIn = ({ io }: Session, { host }: CredentialOptions): Named[] =>
  namedHosts(host ?? [io.env.COUNTERSIGN_CREDENTIAL_HOSTS ?? ''])

/** undefined: that host is none of ours. Throws Failure and FederationError. */
export async function credentialFor(
  session: Session,
  options: CredentialOptions,
  asked: Place | undefined,
  { isFresh = false } = {},
): Promise<Credential | undefined> {
  const entry = asked && entryFor(hostsIn(session, options), asked)
  if (entry === undefined) return undefined
  const { host } = entry.place
  const target = entry.target ?? options.target ?? targetOfJob(session, host)
  if (host !== new URL(serviceUrl(session)).host && (target === undefined || opensService(session, target)))
    throw misuse(
      `${entry.written} has no target of its own: a token that opens Countersign itself is handed to nobody else`,
      `${entry.written}=TARGET, the audience of its resource server (countersign resource-server list)`,
    )
  const chosen = { ...options, target: target ?? serviceItself }
  const { token } = await openJob(session, chosen, isFresh ? { forceRefresh: true } : {})
  maskInLog(session.io, token.token)
  return { username, token }
}

/** What the job's own token is for is another's, unless its name says that it is this host's. */
function targetOfJob({ io }: Session, host: string): string | undefined {
  const target = io.env.COUNTERSIGN_TARGET?.trim()
  return target && URL.canParse(target) && new URL(target).host === host ? target : undefined
}

function opensService(session: Session, target: string): boolean {
  const named = target.replace(/\/+$/, '')
  return named === session.aim().url || named === serviceUrl(session)
}
