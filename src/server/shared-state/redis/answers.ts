/** Answers given under an Idempotency-Key, beside the database, which has them all: a repeated request is told apart quickly. */
import { hash } from 'node:crypto'
import type { IdempotencyStore, KeptAnswer } from '../../admin/store.ts'
import { type Connection, keyOf } from './connection.ts'
import type { Stamp } from './stamp.ts'

export type QuickAnswers = Pick<IdempotencyStore, 'find'> & {
  /** To be called when the answer is durable, not before. Never throws. */
  remember(answer: KeptAnswer, now: number): Promise<void>
}

/** The answer in it is sealed already; stamped too, so that nobody else says which request it was given to. */
export function createQuickAnswers({ connection, stamp }: { connection: Connection; stamp: Stamp }): QuickAnswers {
  const at = (scope: string) => keyOf('answer', hash('sha256', scope))
  return {
    /** Undefined also means: ask the database. */
    async find(scope, now) {
      const stamped = await connection.ask((redis) => redis.get(at(scope))).catch(() => null)
      const text = stamped ? stamp.read(stamped, at(scope)) : undefined
      if (text === undefined) return undefined
      const answer: KeptAnswer = JSON.parse(text)
      return answer.scope === scope && answer.expiresAt > now ? answer : undefined
    },
    async remember(answer, now) {
      if (answer.expiresAt <= now) return
      const stamped = stamp.on(JSON.stringify(answer), at(answer.scope))
      await connection
        .ask((redis) => redis.set(at(answer.scope), stamped, 'PX', answer.expiresAt - now))
        .catch(() => {})
    },
  }
}
