import { Redis } from 'ioredis'
import { type RedisServer, startRedis } from './redis.ts'

/** The least that speaks as a cluster does: one node that has all slots. Started again, it is given them again. */
export async function startRedisCluster(): Promise<RedisServer> {
  const server = await startRedis(['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'])
  await giveSlots(server.url)
  const { startAgain } = server
  return Object.assign(server, {
    async startAgain() {
      await startAgain()
      await giveSlots(server.url)
    },
  })
}

async function giveSlots(url: string): Promise<void> {
  const redis = new Redis(url)
  try {
    // A node that ran before remembers its slots from a file.
    if (!(await isWell(redis))) await redis.cluster('ADDSLOTSRANGE', 0, 16383).catch(() => {})
    while (!(await isWell(redis))) await new Promise((resolve) => setTimeout(resolve, 20))
  } finally {
    redis.disconnect()
  }
}

const isWell = async (redis: Redis) => String(await redis.cluster('INFO')).includes('cluster_state:ok')
