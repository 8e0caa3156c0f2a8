import { SubjectTokenError } from '../federation-error.ts'
import type { Surroundings } from '../surroundings.ts'
import type { InstanceMetadata } from './aws-metadata.ts'
import { callPlatform, membersOf, metadataTimeout, platformUrl } from './call-platform.ts'

const source = 'aws'

/** From the variables; in a task of ECS, which may have none, from what it is told of itself; else from the machine. Throws SubjectTokenError. */
export async function awsRegion(here: Surroundings, signal: AbortSignal, instance: InstanceMetadata): Promise<string> {
  const { AWS_REGION, AWS_DEFAULT_REGION, ECS_CONTAINER_METADATA_URI_V4: task } = here.env
  const said = AWS_REGION?.trim() || AWS_DEFAULT_REGION?.trim()
  const region = said || (task ? await ofTask(here, signal, task) : (await instance('placement/region'))?.trim())
  // It becomes part of a host's name.
  if (region && /^[a-z]{2,}(-[a-z0-9]+)+$/.test(region)) return region
  throw new SubjectTokenError(source, said ? 'AWS_REGION is no region' : 'we do not know which region we are in', {
    hint: 'set AWS_REGION: the call has no global endpoint',
  })
}

/** docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4.html: arn:aws:ecs:REGION:ACCOUNT:task/… */
async function ofTask(here: Surroundings, signal: AbortSignal, address: string): Promise<string | undefined> {
  const url = platformUrl(source, 'ECS_CONTAINER_METADATA_URI_V4', `${address}/task`)
  const call = { url, signal, timeout: metadataTimeout, what: 'the metadata of the task', whenSilent: 'set AWS_REGION' }
  const { status, text } = await callPlatform(source, here, call)
  const { TaskARN } = status === 200 ? membersOf(text) : {}
  return typeof TaskARN === 'string' ? TaskARN.split(':')[3] : undefined
}
