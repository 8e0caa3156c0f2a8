/** Stands in for api.github.com: a partner of the secret scanning programme, with its published keys. */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Partner = Awaited<ReturnType<typeof startPartner>>

export async function startPartner() {
  const pair = (curve = 'P-256') => generateKeyPairSync('ec', { namedCurve: curve })
  const keys = new Map<string, { privateKey: KeyObject; publicKey: KeyObject }>([['current', pair()]])
  let isAway = false
  let asked = 0
  const server: Server = createServer((_req, res) => {
    asked++
    if (isAway) return void res.writeHead(500).end()
    const public_keys = [...keys].map(([key_identifier, { publicKey }]) => ({
      key_identifier,
      key: publicKey.export({ type: 'spki', format: 'pem' }),
      is_current: key_identifier === 'current',
    }))
    res.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify({ public_keys }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/meta/public_keys/secret_scanning`,
    keys,
    pair,
    asked: () => asked,
    away: (is: boolean) => {
      isAway = is
    },
    sign: (body: string, by = 'current') => {
      const { privateKey } = keys.get(by) ?? pair()
      return sign('sha256', Buffer.from(body), privateKey).toString('base64')
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}
