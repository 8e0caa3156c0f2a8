import { audienceOf } from '../../client/sources/unverified.ts'
import type { Session } from '../session.ts'
import type { JobOptions } from './options.ts'
import { serviceUrl } from './provider.ts'

/** What names the job, or lets whoever holds it ask for a token in its name. */
const identities = [
  'COUNTERSIGN_IDENTITY_TOKEN',
  'COUNTERSIGN_IDENTITY_TOKEN_FILE',
  'COUNTERSIGN_ID_TOKEN',
  'COUNTERSIGN_SPIFFE_TOKEN_FILE',
  'COUNTERSIGN_API_KEY',
  'ACTIONS_ID_TOKEN_REQUEST_TOKEN',
  'ACTIONS_ID_TOKEN_REQUEST_URL',
  'CIRCLE_OIDC_TOKEN',
  'CIRCLE_OIDC_TOKEN_V2',
  'BUILDKITE_AGENT_ACCESS_TOKEN',
  'BITBUCKET_STEP_OIDC_TOKEN',
  'SYSTEM_ACCESSTOKEN',
  'VERCEL_OIDC_TOKEN',
  'VERCEL_OIDC_TOKEN_FILE',
  'IDENTITY_HEADER',
]
const families = [/^TFC_WORKLOAD_IDENTITY_TOKEN/]

/** The session's, without the job's identity, and with the token. */
export function childEnvironment(
  session: Session,
  { keepIdentity, ...options }: JobOptions & { keepIdentity?: boolean },
  given: { token: string; file: string },
): Record<string, string | undefined> {
  const url = serviceUrl(session)
  const audience = options.audience ?? (session.io.env.COUNTERSIGN_AUDIENCE?.trim() || url)
  // An issuer accepts the organization's name as well, unless it says otherwise.
  const forUs = [audience, session.aim().org].filter((one) => one !== undefined)
  const kept = Object.entries(session.io.env).filter(
    ([name, value]) => keepIdentity || !namesTheJob(name, value ?? '', forUs),
  )
  return {
    ...Object.fromEntries(kept),
    COUNTERSIGN_URL: url,
    COUNTERSIGN_ACCESS_TOKEN: given.token,
    COUNTERSIGN_ACCESS_TOKEN_FILE: given.file,
  }
}

/** GitLab's have any name: a token that is for us is known by its audience. */
const namesTheJob = (name: string, value: string, forUs: readonly string[]) =>
  identities.includes(name) ||
  families.some((family) => family.test(name)) ||
  audienceOf(value).some((one) => forUs.includes(one))
