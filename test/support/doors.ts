/** The doors, and behind them nobody: the server and the app as they are, on a port, with rooms that only write down. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createApp } from '../../src/server/http/app.ts'
import { createLimitedServer } from '../../src/server/http/limited-server.ts'
import { type Limits, limits } from '../../src/server/http/limits.ts'

export type Exchanged = { parameters: readonly (readonly [string, string])[]; basic?: string }
export type Doors = Awaited<ReturnType<typeof openDoors>>

/** Stands for every room: nothing is asked of it but that it is there. */
const anything: unknown = new Proxy(() => {}, { get: () => anything, apply: () => anything })

/** `rooms`: in place of those here. */
export async function openDoors(small: Partial<Limits> = {}, publicUrl = 'http://id.example', rooms: object = {}) {
  /** Ids of the requests that were read, whether they were answered or not. */
  const read: string[] = []
  const exchanged: Exchanged[] = []
  /** Credentials of each caller. */
  const shown: (readonly string[])[] = []
  const lines: { level: string; fields: object; message: string }[] = []
  const say = (level: string) => (fields: object, message: string) => void lines.push({ level, fields, message })
  const log = { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') }
  const server = createLimitedServer({ ...limits, ...small }, log)
  const app = createApp({
    rooms: anything,
    scanning: anything,
    login: anything,
    signIn: anything,
    setup: { check: async () => {}, finish: async () => ({ api_key: 'csk_made' }) },
    health: { phase: () => 'serving', dependencies: async () => ({}) },
    exchange: async (request: () => Exchanged) => {
      exchanged.push(request())
      return { access_token: 'a' }
    },
    identify: async ({ secrets }: { secrets: readonly string[] }) => void shown.push(secrets),
    userInfo: async () => ({ sub: 'x' }),
    admit: async (secret: string | undefined) => void shown.push(secret === undefined ? [] : [secret]),
    log,
    ...rooms,
    trustProxy: [],
    publicUrl: () => publicUrl,
    requestId: () => {
      read.push(`req_${read.length + 1}`)
      return read.at(-1) as string
    },
  } as never)
  server.on('request', app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    server,
    port: (server.address() as AddressInfo).port,
    read,
    exchanged,
    shown,
    lines,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
