import { CompiledQuery } from 'kysely'
import type { Database } from './database.ts'
import type { Statement } from './sqlite/wire.ts'

/** Runs them all, or none of them when one does not affect the rows that it expects: false. */
export type Script = (statements: readonly Statement[]) => Promise<boolean>

/** A script inside a transaction, statement by statement; after false, its owner has to roll back. */
export function scriptWithin(trx: Database): Script {
  return async (statements) => {
    for (const { sql, rows, expect } of statements) {
      for (const row of rows) {
        const { numAffectedRows } = await trx.executeQuery(CompiledQuery.raw(sql, [...row]))
        if (expect !== undefined && Number(numAffectedRows) !== expect) return false
      }
    }
    return true
  }
}
