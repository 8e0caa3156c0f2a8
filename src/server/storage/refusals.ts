import { Refusal } from '../errors/refusal.ts'
import { ConstraintBroken } from './constraint.ts'

/** Unique columns that may be taken, apart from names. Others (ids, digests) are random: a clash there is our bug. */
const audiences = new Set(['issuer_audiences.audience', 'resource_servers.audience'])

function taken(cause: ConstraintBroken): Error {
  const { columns } = cause
  if (columns.some((column) => audiences.has(column))) return new Refusal('audience_taken', { cause })
  if (columns.includes('users.email_lower')) {
    return new Refusal('name_taken', { says: 'the e-mail address belongs to another user of the organization', cause })
  }
  return columns.some((column) => column.endsWith('.name')) ? new Refusal('name_taken', { cause }) : cause
}

/** What a broken rule of the schema means to whoever asked; `reference` is the reason when it was a reference. */
export async function refusing<T>(reference: 'not_found' | 'in_use', work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (!(error instanceof ConstraintBroken)) throw error
    throw error.kind === 'unique' ? taken(error) : new Refusal(reference, { cause: error })
  }
}
