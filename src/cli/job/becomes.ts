import type { JsonObject } from '../../protocol/json.ts'
import { createClient } from '../client.ts'
import type { Session } from '../session.ts'
import { versionText } from '../version.ts'
import { openJob, serviceItself } from './provider.ts'

/** Whom this job becomes, as the service has it. The token that it takes to ask is revoked afterwards. */
export async function becomes(session: Session): Promise<JsonObject> {
  const { url } = session.aim()
  // A token for another API is none that the service itself would take.
  const { provider, token } = await openJob(session, { target: serviceItself })
  try {
    const client = createClient({ url, secret: token.token, agent: `countersign-cli/${versionText()}` })
    return await client.call('GET', '/oauth/userinfo')
  } finally {
    await provider.revoke().catch(() => {})
    await provider[Symbol.asyncDispose]()
  }
}
