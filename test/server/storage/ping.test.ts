import { expect } from 'chai'
import { createPing } from '../../../src/server/storage/ping.ts'
import { reasonOf } from '../../support/refused.ts'

describe('storage/ping', () => {
  it('has one write under way at the most, however many ask while it does not come through', async () => {
    let writes = 0
    let through = () => {}
    const write = () => {
      writes++
      return new Promise<void>((resolve) => {
        through = resolve
      })
    }
    const ping = createPing({ read: () => {}, write })
    for (let round = 0; round < 2; round++) {
      const answers = await Promise.all(Array.from({ length: 10 }, () => reasonOf(ping())))
      expect(new Set(answers)).to.deep.equal(new Set(['storage_unavailable']))
    }
    expect(writes).to.equal(1)
    const late = ping()
    through()
    await late
    expect(writes).to.equal(1)
  })

  it('says no at once when nothing can be read', async () => {
    const away = () => {
      throw new Error('away')
    }
    const failed = await createPing({ read: away, write: async () => {} })().catch((error: Error) => error.message)
    expect(failed).to.equal('away')
  })
})
