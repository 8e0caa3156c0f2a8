import type { Registration } from '../issuers/model.ts'
import type { Database } from './database.ts'

/** Each pair of issuer URL and audience is one row, so that no two registrations can have it; disabled ones keep theirs. */
export async function keepAudiences(trx: Database, { id, issuer, audiences }: Registration): Promise<void> {
  await trx.deleteFrom('issuer_audiences').where('issuer_id', '=', id).execute()
  const pairs = [...new Set(audiences)].map((audience) => ({ issuer_url: issuer, audience, issuer_id: id }))
  if (pairs.length > 0) await trx.insertInto('issuer_audiences').values(pairs).execute()
}
