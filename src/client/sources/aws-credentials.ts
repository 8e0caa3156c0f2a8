/**
 * Who we are to AWS, in the order of its SDKs' default chain as far as a workload has it: the variables, a web identity
 * (EKS, IAM roles for service accounts), a container's credentials (ECS, EKS Pod Identity), the instance. Profiles and
 * sign-ins of people are left out: they are no workload's.
 */
import { SubjectTokenError } from '../federation-error.ts'
import type { Surroundings } from '../surroundings.ts'
import type { InstanceMetadata } from './aws-metadata.ts'
import type { AwsCredentials } from './aws-signature.ts'
import { callPlatform, isPassing, membersOf, metadataTimeout, platformUrl } from './call-platform.ts'
import { readTokenFile } from './read-token-file.ts'

const source = 'aws'

/** Exchanges the token in AWS_WEB_IDENTITY_TOKEN_FILE. */
type AssumeRole = (role: string, token: string) => Promise<AwsCredentials>

/** Throws SubjectTokenError. */
export async function awsCredentials(
  here: Surroundings,
  signal: AbortSignal,
  { instance, assumeRole }: { instance: InstanceMetadata; assumeRole: AssumeRole },
): Promise<AwsCredentials> {
  const { env } = here
  const [accessKeyId, secretAccessKey, sessionToken] = [
    env.AWS_ACCESS_KEY_ID?.trim(),
    env.AWS_SECRET_ACCESS_KEY?.trim(),
    env.AWS_SESSION_TOKEN?.trim() || undefined,
  ]
  if (accessKeyId && secretAccessKey) return { accessKeyId, secretAccessKey, sessionToken }
  if (env.AWS_WEB_IDENTITY_TOKEN_FILE && env.AWS_ROLE_ARN)
    return assumeRole(env.AWS_ROLE_ARN, await fileOf(here, 'AWS_WEB_IDENTITY_TOKEN_FILE'))
  if (env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI || env.AWS_CONTAINER_CREDENTIALS_FULL_URI)
    return ofContainer(here, signal)
  return ofInstance(instance)
}

/** docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html; the file goes before the variable. */
async function ofContainer(here: Surroundings, signal: AbortSignal): Promise<AwsCredentials> {
  const { env } = here
  const relative = env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI
  const full = env.AWS_CONTAINER_CREDENTIALS_FULL_URI ?? ''
  const url = relative
    ? new URL(`http://169.254.170.2${relative}`)
    : platformUrl(source, 'AWS_CONTAINER_CREDENTIALS_FULL_URI', full)
  const pass = env.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE
    ? await fileOf(here, 'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE')
    : env.AWS_CONTAINER_AUTHORIZATION_TOKEN
  const what = 'the credentials endpoint of the container'
  const headers: Record<string, string> = pass ? { authorization: pass } : {}
  const call = { what, url, headers, signal, timeout: metadataTimeout }
  const { status, text } = await callPlatform(source, here, call)
  const credentials = status === 200 ? credentialsIn(text) : undefined
  if (credentials) return credentials
  throw new SubjectTokenError(source, `${what} gave no credentials (${status})`, {
    code: 'no_platform_identity',
    isUnavailable: isPassing(status),
    hint: 'give the task a task role (ECS), or the service account of the pod a pod identity association (EKS)',
  })
}

async function ofInstance(instance: InstanceMetadata): Promise<AwsCredentials> {
  const folder = 'iam/security-credentials/'
  const role = (await instance(folder))?.trim().split('\n')[0]
  const credentials = role ? credentialsIn((await instance(folder + role)) ?? '') : undefined
  if (credentials) return credentials
  throw new SubjectTokenError(source, 'there are no AWS credentials here', {
    code: 'no_platform_identity',
    hint: 'attach an instance profile with a role to the machine, or set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION',
  })
}

/** The answer of both: AccessKeyId, SecretAccessKey, Token, Expiration (RFC 3339). */
function credentialsIn(text: string): AwsCredentials | undefined {
  const { AccessKeyId, SecretAccessKey, Token, Expiration } = membersOf(text)
  if (typeof AccessKeyId !== 'string' || typeof SecretAccessKey !== 'string' || typeof Token !== 'string')
    return undefined
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: Token,
    expiresAt: timeOf(String(Expiration)),
  }
}

/** RFC 3339 to milliseconds. */
export function timeOf(text: string): number | undefined {
  const time = Date.parse(text)
  return Number.isNaN(time) ? undefined : time
}

async function fileOf(here: Surroundings, variable: string): Promise<string> {
  const path = here.env[variable] ?? ''
  const text = (await readTokenFile(source, path, here))?.trim()
  if (text) return text
  throw new SubjectTokenError(source, `${path} is ${text === undefined ? 'not there' : 'empty'}`, {
    hint: `${variable} names it; the platform should have put it there`,
  })
}
