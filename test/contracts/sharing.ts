/** What replicas share: a suite is written once, and runs in memory, on a Redis and on a cluster of it. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Failures } from '../../src/server/accounts/failures.ts'
import type { SharedKeySets } from '../../src/server/issuers/store.ts'
import { createFailures } from '../../src/server/shared-state/failures.ts'
import { createLocalKeySets } from '../../src/server/shared-state/key-sets.ts'
import { createQuickClaims } from '../../src/server/shared-state/redis/claims.ts'
import { type Connection, openRedis } from '../../src/server/shared-state/redis/connection.ts'
import { createSharedFailures } from '../../src/server/shared-state/redis/failures.ts'
import { createSharedKeySets } from '../../src/server/shared-state/redis/key-sets.ts'
import { createStamp } from '../../src/server/shared-state/redis/stamp.ts'
import { openStorage } from '../../src/server/storage/open.ts'
import { createSeal } from '../../src/server/tokens/seal.ts'
import type { ReplayStore } from '../../src/server/tokens/store.ts'
import { installing } from '../support/program.ts'
import { startRedis } from '../support/redis.ts'
import { startRedisCluster } from '../support/redis-cluster.ts'

type Shared = {
  keySets(): SharedKeySets
  failures(name: string, perMinute: number): Failures
  claims(): ReplayStore
}

/** Runs the suite on every implementation, each test on an empty one. Each call gives what another replica would have. */
export function shared(title: string, suite: (shared: () => Shared) => void): void {
  const servers = { Redis: startRedis, 'a cluster of Redis': startRedisCluster }
  describe(`${title} in memory`, () => {
    const truth = replays()
    let local: Shared
    beforeEach(() => {
      const sets = createLocalKeySets()
      const counters = new Map<string, Failures>()
      local = {
        keySets: () => sets,
        failures(name, perMinute) {
          const counter = counters.get(name) ?? createFailures(perMinute)
          counters.set(name, counter)
          return counter
        },
        claims: truth,
      }
    })
    suite(() => local)
  })
  for (const [name, start] of Object.entries(servers))
    describe(`${title} on ${name}`, function () {
      this.timeout(installing)
      const truth = replays()
      const masterKey = randomBytes(32)
      let server: Awaited<ReturnType<typeof startRedis>>
      let opened: Connection[] = []
      before(async () => {
        server = await start()
      })
      after(() => server.stop())
      beforeEach(async () => {
        const mode = name === 'Redis' ? ('single' as const) : ('cluster' as const)
        const open = () => openRedis({ urls: [server.url], mode, sentinelName: '' })
        opened = [await open(), await open()]
        await opened[0]?.ask((redis) => redis.flushall())
      })
      afterEach(() => {
        for (const connection of opened) connection.close()
      })
      let turn = 0
      /** Of one replica, then of the other. */
      const next = () => opened[turn++ % opened.length] as Connection
      suite(() => ({
        keySets: () => createSharedKeySets({ connection: next(), seal: createSeal(masterKey) }),
        failures: (counted, perMinute) => createSharedFailures({ connection: next(), name: counted, perMinute }),
        claims: () => createQuickClaims({ connection: next(), stamp: createStamp(masterKey), store: truth() }),
      }))
    })
}

/** The database beside it, empty for every test. */
function replays(): () => ReplayStore {
  let dataDir = ''
  let storage: Awaited<ReturnType<typeof openStorage>>
  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'countersign-'))
    storage = await openStorage({ dataDir })
  })
  afterEach(async () => {
    await storage.close()
    rmSync(dataDir, { recursive: true })
  })
  return () => storage.writing.replays
}
