/** For a suite: a real Redis behind a network that can go bad, and connections to it that are closed after each test. */
import { Redis } from 'ioredis'
import { type Connection, openRedis, type RedisAway } from '../../src/server/shared-state/redis/connection.ts'
import { installing } from './program.ts'
import { type RedisServer, startRedis } from './redis.ts'
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts'

export type RedisWorld = {
  server: RedisServer
  proxy: TcpProxy
  /** Straight to the server: what an operator, or somebody worse, would do. */
  admin: Redis
  /** Through the proxy. */
  open(report?: (error: RedisAway) => void): Promise<Connection>
}

export function redisWorld(start: () => Promise<RedisServer> = startRedis): () => RedisWorld {
  let world: RedisWorld
  let opened: Connection[] = []
  beforeEach(async function () {
    this.timeout(installing)
    const server = await start()
    const proxy = await startTcpProxy(server.port)
    const admin = new Redis(server.url, { retryStrategy: () => 50 })
    admin.on('error', () => {})
    opened = []
    world = {
      server,
      proxy,
      admin,
      async open(report) {
        const urls = [`redis://127.0.0.1:${proxy.port}`]
        const connection = await openRedis({ urls, mode: 'single', sentinelName: '' }, report && { report })
        opened.push(connection)
        return connection
      },
    }
  })
  afterEach(async () => {
    for (const connection of opened) connection.close()
    world.admin.disconnect()
    await world.proxy.close()
    await world.server.stop()
  })
  return () => world
}
