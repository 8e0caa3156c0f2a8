/** A machine of Fly.io: a real socket, which answers one path, with the token as text. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Provider } from '../identity-provider.ts'
import { documentedClaims } from './documented-claims.ts'
import { type Machine, machine } from './machine.ts'

export type Fly = {
  surroundings: Machine
  asked: { method: string; path: string; body: string }[]
  /** Statuses that come instead, once for each; null never answers. */
  instead: (number | null)[]
  close(): Promise<void>
}

export async function startFly(provider: Provider): Promise<Fly> {
  const folder = mkdtempSync(join(tmpdir(), 'fly-'))
  const socket = join(folder, 'api')
  const asked: Fly['asked'] = []
  const instead: (number | null)[] = []
  const server = createServer(async (req, res) => {
    let body = ''
    for await (const piece of req.setEncoding('utf8')) body += piece
    asked.push({ method: req.method ?? '', path: req.url ?? '', body })
    const status = instead.shift()
    if (status === null) return
    if (status !== undefined) return void res.writeHead(status).end()
    if (req.method !== 'POST' || req.url !== '/v1/tokens/oidc') return void res.writeHead(404).end()
    let aud: unknown
    try {
      aud = (JSON.parse(body || '{}') as { aud?: unknown }).aud ?? 'https://fly.io/acme'
    } catch {
      return void res.writeHead(400).end()
    }
    const iat = Math.floor(Date.now() / 1000)
    const token = provider.token({ ...documentedClaims('fly'), aud, iat, nbf: iat, exp: iat + 600 })
    res.writeHead(200, { 'content-type': 'text/plain' }).end(token)
  })
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  const env = { FLY_APP_NAME: 'trainer', FLY_MACHINE_ID: '3d8d377ce9e398', FLY_REGION: 'yyz' }
  return {
    surroundings: machine({ env, sockets: { '/.fly/api': socket } }),
    asked,
    instead,
    close: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
