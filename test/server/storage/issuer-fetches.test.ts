import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect } from 'chai'
import { openStorage } from '../../../src/server/storage/open.ts'
import { furnished } from '../../contracts/furnished.ts'
import { tempDir } from '../../support/temp-dir.ts'

describe('storage/issuer-fetches', () => {
  const dir = tempDir()

  it('keeps fifty of an issuer, however many there were', async () => {
    const storage = await openStorage({ dataDir: dir() })
    const { issuer } = await furnished(storage)
    const fetches = Array.from({ length: 120 }, (_, at) => ({
      issuerId: issuer.id,
      at,
      ok: false,
      message: 'jwks: no',
      milliseconds: 1,
      keys: 0,
      digest: null,
    }))
    for (let i = 0; i < 120; i += 40)
      await storage.transaction(({ issuerFetches }) => issuerFetches.append(fetches.slice(i, i + 40)))
    await storage.close()
    const database = new DatabaseSync(join(dir(), 'countersign.db'))
    const kept = database.prepare('select count(*) as n, min(at) as oldest from issuer_fetches').get()
    database.close()
    expect({ ...kept }).to.deep.equal({ n: 50, oldest: 70 })
  })
})
