/**
 * The service behind a proxy that ends TLS on loopback, for clients that take nothing else: they are given the
 * certificate's authority by NODE_EXTRA_CA_CERTS (SSL_CERT_FILE, REQUESTS_CA_BUNDLE), as with a company's own.
 */
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { createServer } from 'node:tls'
import tls from './loopback-address-tls.json' with { type: 'json' }
import { type Service, startService } from './server.ts'

/** `caFile`: what a client must trust. `publicUrl` is https; `url`, where the service itself listens, is not. */
export type HttpsService = Service & { caFile: string }

export async function startHttpsService(env: Record<string, string> = {}): Promise<HttpsService> {
  let upstream = 0
  const front = createServer({ key: tls.key, cert: tls.cert }, (client) => {
    const server = connect(upstream, '127.0.0.1')
    client.on('error', () => server.destroy()).pipe(server)
    server.on('error', () => client.destroy()).pipe(client)
  }).listen(0, '127.0.0.1')
  await once(front, 'listening')
  const publicUrl = `https://127.0.0.1:${(front.address() as AddressInfo).port}`
  const service = await startService({ env: { PUBLIC_URL: publicUrl, ...env } })
  upstream = Number(new URL(service.url).port)
  const caFile = join(service.dataDir, 'ca-of-the-tests.pem')
  writeFileSync(caFile, tls.cert)
  return {
    ...service,
    caFile,
    async close() {
      front.close()
      await service.close()
    },
  }
}
