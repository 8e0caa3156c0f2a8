/** deploy/nginx.conf, as a real nginx reads it, in front of two replicas of the test's own. */
import { readFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import { freePort } from './support/free-port.ts'
import { type Nginx, startNginx } from './support/nginx.ts'
import { ask } from './support/plain-http.ts'
import { root } from './support/server.ts'

type Seen = { replica: number; method: string; url: string; headers: IncomingHttpHeaders; port: number | undefined }

const written = readFileSync(join(root, 'deploy/nginx.conf'), 'utf8')

describe('deploy/nginx.conf', () => {
  const seen: Seen[] = []
  const servers: Server[] = []
  let nginx: Nginx | undefined

  const portOf = (server: Server) => (server.address() as AddressInfo).port
  const replica = async (number: number, port = 0) => {
    const server = createServer((req, res) => {
      const { method = '', url = '', headers } = req
      seen.push({ replica: number, method, url, headers, port: req.socket.remotePort })
      // Read, and then nothing: a replica that is killed.
      req.resume().on('end', () => (headers['x-kill'] ? req.socket.destroy() : res.end(String(number))))
    })
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    servers.push(server)
    return server
  }
  const start = async (first: number, second: number) => {
    nginx = await startNginx((address) =>
      written
        .replace('listen 8080', `listen ${address}`)
        .replace('countersign-1:8080', `127.0.0.1:${first}`)
        .replace('countersign-2:8080', `127.0.0.1:${second}`),
    )
    return nginx
  }
  const stop = async (server: Server) => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  afterEach(async () => {
    await nginx?.close()
    nginx = undefined
    await Promise.all(servers.splice(0).map(stop))
    seen.length = 0
  })

  it('spreads requests over both replicas, on connections that are kept', async () => {
    const { url } = await start(portOf(await replica(1)), portOf(await replica(2)))
    for (let n = 0; n < 10; n++) expect((await ask(url, '/livez')).status).to.equal(200)
    expect(new Set(seen.map(({ replica }) => replica))).to.deep.equal(new Set([1, 2]))
    expect(new Set(seen.map(({ port }) => port)).size).to.equal(2)
  })

  it('says who asks, and overrules what they say of themselves', async () => {
    const { url } = await start(portOf(await replica(1)), portOf(await replica(2)))
    const headers = [
      ['X-Forwarded-For', '203.0.113.9'],
      ['X-Forwarded-Proto', 'gopher'],
      ['X-Forwarded-Host', 'evil.example'],
      ['Forwarded', 'for=203.0.113.9'],
      ['Authorization', 'Bearer kept'],
    ] as const
    await ask(url, '/oauth//token?a=%2F', { method: 'POST', headers, body: 'a=b' })
    const { host } = new URL(url)
    expect(seen[0]).to.include({ method: 'POST', url: '/oauth//token?a=%2F' })
    expect(seen[0]?.headers).to.include({
      host,
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': host,
      authorization: 'Bearer kept',
    })
    expect(seen[0]?.headers).to.not.have.property('forwarded')
  })

  it('asks the other replica when one does not take the connection, a POST too', async () => {
    const { url } = await start(await freePort(), portOf(await replica(2)))
    for (let n = 0; n < 6; n++)
      expect(await ask(url, '/oauth/token', { method: 'POST', body: 'a=b' })).to.include({ status: 200, text: '2' })
    expect(seen).to.have.lengthOf(6)
  })

  it('loses nothing when a replica ends between two requests', async () => {
    const [first, second] = [await replica(1), await replica(2)]
    const { url } = await start(portOf(first), portOf(second))
    for (let n = 0; n < 4; n++) await ask(url, '/livez')
    await stop(second)
    for (let n = 0; n < 6; n++)
      expect(await ask(url, '/oauth/token', { method: 'POST', body: 'a=b' })).to.include({ status: 200, text: '1' })
  })

  it('never sends a POST twice', async () => {
    const { url } = await start(portOf(await replica(1)), portOf(await replica(2)))
    const headers = [['X-Kill', 'yes']] as const
    expect((await ask(url, '/oauth/token', { method: 'POST', headers, body: 'a=b' })).status).to.equal(502)
    expect(seen).to.have.lengthOf(1)
  })
})
