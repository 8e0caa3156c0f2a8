/** The keys of issuers, fetched by one replica for all. Sealed: whoever writes to Redis could name keys of their own. */
import { randomUUID } from 'node:crypto'
import type { SharedKeySet, SharedKeySets } from '../../issuers/store.ts'
import type { Seal } from '../../tokens/seal.ts'
import { type Connection, keyOf, RedisAway } from './connection.ts'

/** ms; as long as a set may serve, and a little more. */
const keptFor = 26 * 3_600_000

/** With Redis away nothing is shared: each replica fetches alone, as it does without Redis. */
export function createSharedKeySets({ connection, seal }: { connection: Connection; seal: Seal }): SharedKeySets {
  const placeOf = (id: string) => `jwks:${id}`

  return {
    async get(id) {
      const sealed = await unlessAway(connection.ask((redis) => redis.get(keyOf('jwks', id))))
      return sealed ? opened(seal, sealed, placeOf(id)) : undefined
    },
    async put(id, entry) {
      const sealed = seal.close(Buffer.from(JSON.stringify(entry)), placeOf(id))
      await unlessAway(connection.ask((redis) => redis.set(keyOf('jwks', id), sealed, 'PX', keptFor)))
    },
    async remove(id) {
      await unlessAway(connection.ask((redis) => redis.del(keyOf('jwks', id))))
    },
    async lease(id, ms) {
      const key = keyOf('jwks-lease', id)
      const token = randomUUID()
      const taken = await unlessAway(connection.ask((redis) => redis.set(key, token, 'PX', ms, 'NX')))
      if (taken === null) return undefined
      return async () => {
        await unlessAway(connection.ask((redis) => redis.eval(deleteIfOurs, 1, key, token)))
      }
    },
  }
}

/** After its time somebody else may hold the lease: theirs is not ended. */
const deleteIfOurs = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`

/** The connection has told of it already. */
async function unlessAway<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof RedisAway) return undefined
    throw error
  }
}

/** What does not open is as if it were not there. */
function opened(seal: Seal, sealed: string, place: string): SharedKeySet | undefined {
  try {
    return JSON.parse(seal.open(sealed, place).plain.toString())
  } catch {
    return undefined
  }
}
