/**
 * Google's metadata server. As the real one: nothing without its header, nothing that was forwarded, its header on every
 * answer, the machine among the claims with format=full alone, 404 where no service account is attached.
 */

import type { Provider } from '../identity-provider.ts'
import { documentedClaims } from './documented-claims.ts'
import { type Answer, type Asked, startLoopback } from './loopback.ts'
import { type Machine, machine } from './machine.ts'

export type Gcp = {
  surroundings: Machine
  asked: Asked[]
  origin: string
  /** What comes instead of a token, once for each. */
  instead: (Answer | null)[]
  close(): Promise<void>
}
export const googleFirmware = { '/sys/class/dmi/id/product_name': 'Google Compute Engine\n' }
const path = '/computeMetadata/v1/instance/service-accounts/default/identity'

export async function startGcp(provider: Provider, { isAttached = true } = {}): Promise<Gcp> {
  const instead: (Answer | null)[] = []
  const say = (status: number, body: string): Answer => ({
    status,
    body,
    headers: { 'metadata-flavor': 'Google', server: 'Metadata Server for VM', 'content-type': 'text/html' },
  })
  const server = await startLoopback(({ method, url, headers }) => {
    if (headers['metadata-flavor'] !== 'Google') return say(403, 'Missing Metadata-Flavor:Google header.')
    if (headers['x-forwarded-for'] !== undefined) return say(403, 'forwarded')
    if (method !== 'GET') return say(405, '')
    if (url.pathname === '/') return say(200, '0.1/\ncomputeMetadata/\n')
    if (instead.length > 0) return instead.shift() as Answer | null
    if (url.pathname !== path || !isAttached) return say(404, 'Not Found')
    const audiences = url.searchParams.getAll('audience')
    const format = url.searchParams.get('format') ?? 'standard'
    if (audiences.length !== 1 || !audiences[0]) return say(400, 'non-empty audience parameter required')
    if (format !== 'standard' && format !== 'full') return say(400, 'format parameter must be standard or full')
    const { google, ...claims } = documentedClaims('gcp')
    const iat = Math.floor(Date.now() / 1000)
    const own = { ...claims, ...(format === 'full' && { google }), jti: undefined, aud: audiences[0] }
    return say(200, provider.token({ iat, exp: iat + 3600, ...own }))
  })
  return {
    surroundings: machine({
      files: { ...googleFirmware },
      routes: { 'http://metadata.google.internal': server.origin },
    }),
    asked: server.asked,
    origin: server.origin,
    instead,
    close: server.close,
  }
}
