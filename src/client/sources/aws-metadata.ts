/**
 * EC2's instance metadata, version 2 alone (docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html):
 * a PUT gives a pass, without which nothing is answered.
 */
import { SubjectTokenError } from '../federation-error.ts'
import type { Surroundings } from '../surroundings.ts'
import { callPlatform, isPassing, platformUrl, metadataTimeout as timeout } from './call-platform.ts'

const source = 'aws'
const what = 'the instance metadata service'
const whenSilent =
  'in a container on EC2 the metadata service is out of reach unless the hop limit of the instance is 2: give the container a task role or a pod identity, or raise the limit'

/** The text at a path below /latest/meta-data/; undefined when there is none. Throws SubjectTokenError. */
export type InstanceMetadata = (path: string) => Promise<string | undefined>

/** One pass serves all that is asked of it. */
export function instanceMetadata(here: Surroundings, signal: AbortSignal): InstanceMetadata {
  let pass: Promise<string> | undefined
  return async (path) => {
    pass ??= passFor(here, signal)
    const url = new URL(`/latest/meta-data/${path}`, serverOf(here))
    const headers = { 'x-aws-ec2-metadata-token': await pass }
    const answer = await callPlatform(source, here, { what, url, headers, signal, timeout, whenSilent })
    if (answer.status === 200) return answer.text
    if (answer.status === 404) return undefined
    throw refused(answer.status)
  }
}

async function passFor(here: Surroundings, signal: AbortSignal): Promise<string> {
  if (here.env.AWS_EC2_METADATA_DISABLED?.toLowerCase() === 'true')
    throw new SubjectTokenError(
      source,
      'there are no credentials, and AWS_EC2_METADATA_DISABLED keeps us from the metadata service',
      {
        code: 'no_platform_identity',
        hint: 'set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION, or unset AWS_EC2_METADATA_DISABLED',
      },
    )
  const url = new URL('/latest/api/token', serverOf(here))
  // Seconds; the pass is dropped after this exchange.
  const headers = { 'x-aws-ec2-metadata-token-ttl-seconds': '60' }
  const call = { what, url, method: 'PUT', headers, signal, timeout, whenSilent }
  const { status, text } = await callPlatform(source, here, call)
  if (status === 200) return text.trim()
  throw refused(status)
}

function serverOf({ env }: Surroundings): URL {
  const isSix = env.AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE?.toLowerCase() === 'ipv6'
  const text = env.AWS_EC2_METADATA_SERVICE_ENDPOINT || (isSix ? 'http://[fd00:ec2::254]' : 'http://169.254.169.254')
  return platformUrl(source, 'AWS_EC2_METADATA_SERVICE_ENDPOINT', text)
}

const refused = (status: number) =>
  new SubjectTokenError(source, `${what} says no (${status})`, {
    isUnavailable: isPassing(status),
    hint: status === 403 ? 'the metadata service of this instance is turned off' : undefined,
  })
