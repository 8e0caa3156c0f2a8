/** An API as its owner would write it with @countersign/verify: it says who the caller is, and takes bound tokens too. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Caller, createVerifier } from '../../src/verify/index.ts'
import type { Service } from './server.ts'

type Ask = { service: Pick<Service, 'publicUrl'>; organization?: string; audience: string; key: string }

export async function startProtectedApi({ service, organization = 'acme', audience, key }: Ask) {
  const server = createServer((req, res) => {
    guard(req, res, () => res.end(JSON.stringify((req as typeof req & { caller: Caller }).caller)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const verifier = createVerifier({ url: service.publicUrl, organization, audience, key, dpop: { url } })
  const guard = verifier.requireAccess({ action: 'read' })
  return {
    url,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
