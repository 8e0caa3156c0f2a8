import { post } from '../../../../src/client/connection.ts'
import { ServerUnavailableError } from '../../../../src/client/federation-error.ts'
import { parseServiceUrl } from '../../../../src/client/service-url.ts'
import { ownSurroundings } from '../../../../src/client/surroundings.ts'

/** ms. Nobody waits longer for the end of a job. */
const patience = 10_000

/** RFC 7009. Throws FederationError. */
export async function revokeToken(url: string, token: string): Promise<void> {
  const { base } = parseServiceUrl(url)
  const form = new URLSearchParams({ token, token_type_hint: 'access_token' })
  const signal = AbortSignal.timeout(patience)
  const { status, headers } = await post(ownSurroundings(), `${base}/oauth/revoke`, form, signal)
  if (status === 200) return
  const requestId = headers.get('x-request-id') ?? undefined
  throw new ServerUnavailableError(`${base} answered ${status}`, { code: 'not_revoked', requestId })
}
