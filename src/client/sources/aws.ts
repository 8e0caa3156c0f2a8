/**
 * AWS: whoever has a role may have STS sign a token for another party, once the account has turned it on
 * (docs.aws.amazon.com/STS/latest/APIReference/API_GetWebIdentityToken.html). Its query protocol is spoken here without the SDK.
 */
import { SubjectTokenError } from '../federation-error.ts'
import type { SubjectTokenSource } from '../subject-token.ts'
import type { Surroundings } from '../surroundings.ts'
import { audienceNeeded } from './audience-needed.ts'
import { awsCredentials, timeOf } from './aws-credentials.ts'
import { instanceMetadata } from './aws-metadata.ts'
import { awsRefusal } from './aws-refusal.ts'
import { awsRegion } from './aws-region.ts'
import { type AwsCredentials, signedHeaders } from './aws-signature.ts'
import { callPlatform, platformUrl } from './call-platform.ts'
import { firmwareSays } from './firmware.ts'

const name = 'aws'
const variables = [
  'AWS_EXECUTION_ENV',
  'AWS_LAMBDA_FUNCTION_NAME',
  'ECS_CONTAINER_METADATA_URI_V4',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
]
/** Seconds: STS' own default. A token may not outlive the session that asks for it, and none lives under a minute. */
const [life, leastLife] = [300, 60]
/** Its two are RS256 and this, which is shorter and quicker to make; the service knows both. */
const algorithm = 'ES384'

export const aws: SubjectTokenSource = {
  name,
  missing: 'no variable of Lambda, ECS or EKS is set, and the machine is none of EC2',
  // Keys in variables alone may be anybody's, on any machine.
  detect: async (here) =>
    variables.some((variable) => here.env[variable]) || (await firmwareSays(here, 'sys_vendor', ['Amazon EC2'])),
  async getSubjectToken(ask, here) {
    const audience = audienceNeeded(name, ask)
    const instance = instanceMetadata(here, ask.signal)
    const region = await awsRegion(here, ask.signal, instance)
    const sts: Sts = { here, region, signal: ask.signal }
    const assumeRole = (role: string, token: string) => assumed(sts, role, token)
    const credentials = await awsCredentials(here, ask.signal, { instance, assumeRole })
    const left = Math.floor(((credentials.expiresAt ?? Number.POSITIVE_INFINITY) - here.now()) / 1000)
    const form = {
      'Audience.member.1': audience,
      SigningAlgorithm: algorithm,
      DurationSeconds: String(Math.max(leastLife, Math.min(life, left))),
    }
    const text = await call(sts, 'GetWebIdentityToken', form, credentials)
    return { token: elementIn(text, 'WebIdentityToken') }
  },
}

type Sts = { readonly here: Surroundings; readonly region: string; readonly signal: AbortSignal }

/** The regional one: the global endpoint does not know the call. */
function endpointOf({ here: { env }, region }: Sts): URL {
  const own = env.AWS_ENDPOINT_URL_STS || env.AWS_ENDPOINT_URL
  if (own && env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS?.toLowerCase() !== 'true')
    return platformUrl(name, env.AWS_ENDPOINT_URL_STS ? 'AWS_ENDPOINT_URL_STS' : 'AWS_ENDPOINT_URL', own)
  const domain = region.startsWith('cn-')
    ? 'amazonaws.com.cn'
    : region.startsWith('eusc-')
      ? 'amazonaws.eu'
      : 'amazonaws.com'
  return new URL(`https://sts.${region}.${domain}/`)
}

/** docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html: the one call that is not signed. */
async function assumed(sts: Sts, role: string, token: string): Promise<AwsCredentials> {
  const session = sts.here.env.AWS_ROLE_SESSION_NAME || `countersign-${sts.here.now()}`
  const form = { RoleArn: role, RoleSessionName: session, WebIdentityToken: token }
  const text = await call(sts, 'AssumeRoleWithWebIdentity', form)
  return {
    accessKeyId: elementIn(text, 'AccessKeyId'),
    secretAccessKey: elementIn(text, 'SecretAccessKey'),
    sessionToken: elementIn(text, 'SessionToken'),
    expiresAt: timeOf(elementIn(text, 'Expiration')),
  }
}

async function call(sts: Sts, action: string, form: Record<string, string>, credentials?: AwsCredentials) {
  const { here, region, signal } = sts
  const url = endpointOf(sts)
  const body = new URLSearchParams({ Action: action, Version: '2011-06-15', ...form }).toString()
  const plain = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }
  const request = { url, method: 'POST', headers: plain, body }
  const headers = credentials
    ? await signedHeaders(request, credentials, { region, service: 'sts', now: here.now() })
    : plain
  const answer = await callPlatform(name, here, { ...request, headers, signal, what: 'AWS STS' })
  if (answer.status === 200) return answer.text
  throw awsRefusal(action, answer)
}

/** What it holds has no character that XML would write otherwise. */
function elementIn(xml: string, element: string): string {
  const found = new RegExp(`<${element}>\\s*([^<&]+?)\\s*</${element}>`).exec(xml)?.[1]
  if (found !== undefined) return found
  throw new SubjectTokenError(name, `the answer of AWS STS has no ${element}`)
}
