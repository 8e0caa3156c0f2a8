import type { IssuerFetch, IssuerFetchStore, KeptFetch } from '../issuers/store.ts'
import type { Database } from './database.ts'
import { noun } from './noun.ts'
import type { Table } from './schema.ts'

const kept = noun<KeptFetch>('issuer_fetches', {
  issuerId: 'plain',
  n: 'plain',
  at: 'plain',
  ok: 'boolean',
  message: 'plain',
  milliseconds: 'plain',
  keys: 'plain',
  digest: 'plain',
  rotated: 'boolean',
  rotatedAt: 'plain',
})

/** Of one issuer. */
const mostKept = 50

export function issuerFetches(db: Database): IssuerFetchStore {
  const of = (issuerId: string) => db.selectFrom('issuer_fetches').where('issuer_id', '=', issuerId)
  const isThere = async (id: string) =>
    (await db.selectFrom('issuers').select('id').where('id', '=', id).executeTakeFirst()) !== undefined
  /** A write of which it was not known whether it arrived. */
  const isKept = async ({ issuerId, at, milliseconds }: IssuerFetch) => {
    const same = of(issuerId).select('n').where('at', '=', at).where('milliseconds', '=', milliseconds)
    return (await same.limit(1).executeTakeFirst()) !== undefined
  }

  async function list(issuerId: string, limit: number = mostKept): Promise<KeptFetch[]> {
    const rows = await of(issuerId).selectAll().orderBy('n', 'desc').limit(limit).execute()
    return rows.map((row) => kept.object(row))
  }

  return {
    list,
    async append(fetches) {
      for (const fetch of fetches) {
        if (!(await isThere(fetch.issuerId)) || (await isKept(fetch))) continue
        const [last] = await list(fetch.issuerId, 1)
        const next = after(last, fetch)
        await db
          .insertInto('issuer_fetches')
          .values(kept.row(next) as Table<KeptFetch>)
          .execute()
        await db
          .deleteFrom('issuer_fetches')
          .where('issuer_id', '=', fetch.issuerId)
          .where('n', '<=', next.n - mostKept)
          .execute()
      }
    },
  }
}

/** What comes later than a newer one tells nothing of which keys are the last. */
function after(last: KeptFetch | undefined, fetch: IssuerFetch): KeptFetch {
  const isLate = last !== undefined && fetch.at < last.at
  const known = last?.digest ?? null
  const digest = isLate ? known : (fetch.digest ?? known)
  const rotated = known !== null && digest !== known
  return { ...fetch, n: (last?.n ?? 0) + 1, digest, rotated, rotatedAt: rotated ? fetch.at : (last?.rotatedAt ?? null) }
}
