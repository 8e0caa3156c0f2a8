/** What PostgreSQL's codes (https://www.postgresql.org/docs/current/errcodes-appendix.html) mean to the house. */
import { StorageUnavailable } from '../../errors/refusal.ts'
import { ConstraintBroken } from '../constraint.ts'

/** Two transactions that cannot both be: nothing of ours has happened, and it may be tried again. */
export class Conflict extends Error {
  override readonly name = 'Conflict'
}

/** A statement that was prepared before a newer version of us changed its table. */
export class PlanOutdated extends Error {
  override readonly name = 'PlanOutdated'
}

/** serialization_failure and deadlock_detected. */
const conflicts = new Set(['40001', '40P01'])
const notNow = new Set([
  '57014', // query_canceled: it took longer than it may
  '55P03', // lock_not_available
  '25006', // read_only_sql_transaction: a standby, for the time of a failover
  '3D000', // invalid_catalog_name
  '42501', // insufficient_privilege
  '25P03', // idle_in_transaction_session_timeout: this process was asleep
  '25P04', // transaction_timeout
])
/** Connection, authentication, resources, operator's intervention, system, internal. */
const awayClasses = new Set(['08', '28', '53', '57', '58', 'XX'])
const sqlState = /^[0-9A-Z]{5}$/

type Thrown = { code?: string; message?: string; detail?: string; table?: string }

/** Of what `pg` throws. Without a code of the server's, the connection is what failed. */
export function errorOf(thrown: unknown): Error {
  const { code = '', message = String(thrown), detail = '', table = '' } = thrown as Thrown
  if (thrown instanceof TypeError) return thrown
  if (conflicts.has(code)) return new Conflict(message, { cause: thrown })
  if (code === '0A000' && /cached plan/.test(message)) return new PlanOutdated(message, { cause: thrown })
  if (!sqlState.test(code) || notNow.has(code) || awayClasses.has(code.slice(0, 2)))
    return new StorageUnavailable(thrown)
  if (code === '23503') return new ConstraintBroken('reference', [], message)
  if (code === '23505') return new ConstraintBroken('unique', columnsOf(table, detail), message)
  return new Error(`${message} (PostgreSQL ${code})`, { cause: thrown })
}

/** `Key (org_id, name)=(…) already exists`, in whatever language the server speaks. */
function columnsOf(table: string, detail: string): string[] {
  const [, columns = ''] = /\(([\w, ]+)\)=\(/.exec(detail) ?? []
  return columns
    .split(', ')
    .filter(Boolean)
    .map((column) => `${table}.${column}`)
}
