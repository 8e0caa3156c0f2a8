/** What SQLite's result codes (https://sqlite.org/rescode.html) mean to the house. */
import { StorageUnavailable } from '../../errors/refusal.ts'
import { ConstraintBroken } from '../constraint.ts'
import type { Failure } from './wire.ts'

/** PERM, BUSY, LOCKED, NOMEM, READONLY, IOERR, FULL, CANTOPEN, PROTOCOL. */
const away = new Set([3, 5, 6, 7, 8, 10, 13, 14, 15])
const foreignKey = 787
const uniqueCodes = new Set([1555, 2067])

export function errorOf(failure: Failure): Error {
  const { errcode, message, lost } = failure
  if (lost || away.has(errcode & 0xff)) return new StorageUnavailable(new Error(message))
  if (errcode === foreignKey) return new ConstraintBroken('reference', [], message)
  if (uniqueCodes.has(errcode)) {
    return new ConstraintBroken('unique', message.replace('UNIQUE constraint failed: ', '').split(', '), message)
  }
  return new Error(`${message} (SQLite ${errcode})`)
}
