import { randomUUID } from 'node:crypto'
import { installation } from '../audit/event.ts'
import type { RedisSettings } from '../setting-values.ts'
import type { Settings } from '../settings.ts'
import { createQuickAnswers } from '../shared-state/redis/answers.ts'
import { createQuickClaims } from '../shared-state/redis/claims.ts'
import { openRedis } from '../shared-state/redis/connection.ts'
import { createSharedFailures } from '../shared-state/redis/failures.ts'
import { createFeed, type Feed, type FeedEntry } from '../shared-state/redis/feed.ts'
import { createSharedKeySets } from '../shared-state/redis/key-sets.ts'
import { createStamp } from '../shared-state/redis/stamp.ts'
import type { Seal } from '../tokens/seal.ts'
import { ownMasterKey } from './own-seal.ts'
import type { SharedMemory } from './shared-memory.ts'

type Needs = { settings: Settings; redis: RedisSettings; seal: Seal; report: (error: unknown) => void }

/** Entries bear the organization's id; the installation's is null there. */
const orgOf = (id: string) => (id === installation ? null : id)
const idOf = (org: string | null) => org ?? installation

export async function redisMemory({ settings, redis, seal, report }: Needs): Promise<SharedMemory> {
  const connection = await openRedis(redis, { report })
  const stamp = createStamp(ownMasterKey(settings), settings.masterKeyPrevious)
  let feed: Feed | undefined
  return {
    keySets: createSharedKeySets({ connection, seal }),
    // Whoever dropped them has dropped them for all.
    forgetKeys() {},
    failures: (name, perMinute) => createSharedFailures({ connection, name, perMinute }),
    claims: (store) => createQuickClaims({ connection, stamp, store }),
    answers: createQuickAnswers({ connection, stamp }),
    announce({ heads, revoked }) {
      // A lone token that was revoked changes nobody's number.
      const entries: FeedEntry[] =
        heads.size > 0
          ? [...heads].map(([id, n]) => ({ org: orgOf(id), n }))
          : revoked.length > 0
            ? [{ org: null }]
            : []
      for (const [i, entry] of entries.entries())
        void feed?.publish(i === 0 && revoked.length > 0 ? { ...entry, revoked } : entry)
    },
    listen({ hear, apply, resync }) {
      feed = createFeed({
        connection,
        stamp,
        replicaId: randomUUID(),
        hear({ org, n, revoked }) {
          if (revoked) apply(revoked)
          if (n !== undefined) hear(new Map([[idOf(org), n]]))
        },
        resync,
        report,
      })
      feed.start()
    },
    state: () => connection.state(),
    async close() {
      await feed?.close()
      connection.close()
    },
  }
}
