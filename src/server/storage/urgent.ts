import { Kysely } from 'kysely'
import { replays } from './replays.ts'
import type { Tables } from './schema.ts'
import { writingDialect } from './sqlite/dialect.ts'
import type { Writer } from './sqlite/writer.ts'
import type { Stores } from './storage.ts'
import { trail } from './trail.ts'

/** The same stores, but what an exchange waits for passes the transactions that are queued. */
export function urgently(writer: Writer, stores: Stores): Stores {
  const urgent = () => writer.turns.take('urgent')
  const { claim } = replays(new Kysely<Tables>({ dialect: writingDialect(writer, urgent) }))
  /** For work that is having its turn. */
  const having = new Kysely<Tables>({ dialect: writingDialect(writer, async () => () => {}) })
  const alone = trail(having, async (statements) => (await writer.ask('script', statements)) !== undefined)
  return {
    ...stores,
    replays: { ...stores.replays, claim },
    trail: {
      ...stores.trail,
      async undisturbed(work) {
        const done = await urgent()
        try {
          return await work(alone)
        } finally {
          done()
        }
      },
    },
  }
}
