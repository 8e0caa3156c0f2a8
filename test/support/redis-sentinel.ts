/** A sentinel that knows a master and its replica, and puts the one in the other's place half a second after it is gone. */
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import { findProgram } from './program.ts'
import { type RedisServer, spawnRedis, startRedis } from './redis.ts'

export type RedisSentinel = {
  url: string
  name: string
  master: RedisServer
  replica: RedisServer
  stop(): Promise<void>
}

export async function startRedisSentinel(): Promise<RedisSentinel> {
  const master = await startRedis()
  const replica = await startRedis(['--replicaof', `127.0.0.1 ${master.port}`, '--repl-diskless-sync-delay', '0'])
  const folder = mkdtempSync(join(tmpdir(), 'countersign-sentinel-'))
  const config = join(folder, 'sentinel.conf')
  const port = await freePort()
  const name = 'themaster'
  // It writes what it learns into this file.
  writeFileSync(
    config,
    `port ${port}
bind 127.0.0.1
dir ${folder}
sentinel monitor ${name} 127.0.0.1 ${master.port} 1
sentinel down-after-milliseconds ${name} 500
sentinel failover-timeout ${name} 2000
`,
  )
  const child = await spawnRedis(await findProgram('redis-server'), [config, '--sentinel'], '+slave slave')
  return {
    url: `redis://127.0.0.1:${port}`,
    name,
    master,
    replica,
    async stop() {
      const closed = once(child, 'close')
      child.kill('SIGTERM')
      await closed
      await Promise.all([master.stop(), replica.stop()])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
