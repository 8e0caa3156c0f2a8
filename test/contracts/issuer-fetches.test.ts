import { expect } from 'chai'
import type { IssuerFetch } from '../../src/server/issuers/store.ts'
import { issuerOf, noon } from '../support/nouns.ts'
import { furnished } from './furnished.ts'
import { contract } from './implementations.ts'

contract('the fetches of issuers', (storage) => {
  const fetchOf = (issuerId: string, at: number, digest: string | null = 'one'): IssuerFetch => ({
    issuerId,
    at: noon + at,
    ok: digest !== null,
    message: digest === null ? 'jwks: answered with status 500 instead of 200' : null,
    milliseconds: 12,
    keys: digest === null ? 0 : 2,
    digest,
  })
  const append = (...fetches: IssuerFetch[]) =>
    storage().transaction(({ issuerFetches }) => issuerFetches.append(fetches))
  const list = (id: string) => storage().reading.issuerFetches.list(id)

  it('come back newest first, of one issuer', async () => {
    const { org, issuer } = await furnished(storage())
    const other = issuerOf(org.id, 'other', { audiences: ['other'] })
    await storage().writing.issuers.insert(other)
    await append(fetchOf(issuer.id, 1), fetchOf(other.id, 2), fetchOf(issuer.id, 3, null))
    const known = { digest: 'one', rotated: false, rotatedAt: null }
    expect(await list(issuer.id)).to.deep.equal([
      { ...fetchOf(issuer.id, 3, null), ...known, n: 2 },
      { ...fetchOf(issuer.id, 1), ...known, n: 1 },
    ])
    expect(await list(other.id)).to.deep.equal([{ ...fetchOf(other.id, 2), ...known, n: 1 }])
  })

  it('tell when the keys were rotated, over failures and for longer than the rotation is kept', async () => {
    const { issuer } = await furnished(storage())
    await append(fetchOf(issuer.id, 1, null), fetchOf(issuer.id, 2), fetchOf(issuer.id, 3, null))
    await append(fetchOf(issuer.id, 4, 'two'))
    const told = (await list(issuer.id)).map(({ rotated, rotatedAt }) => [rotated, rotatedAt])
    expect(told).to.deep.equal([
      [true, noon + 4],
      [false, null],
      [false, null],
      [false, null],
    ])
    for (let at = 5; at < 65; at++) await append(fetchOf(issuer.id, at, 'two'))
    const kept = await list(issuer.id)
    expect(kept).to.have.length(50)
    expect(kept.some(({ rotated }) => rotated)).to.equal(false)
    expect(kept[0]).to.deep.include({ at: noon + 64, rotatedAt: noon + 4, digest: 'two' })
  })

  it('are kept once, however often they are brought', async () => {
    const { issuer } = await furnished(storage())
    const fetches = [fetchOf(issuer.id, 1), fetchOf(issuer.id, 2, 'two')]
    await append(...fetches)
    await append(...fetches)
    expect((await list(issuer.id)).map(({ at }) => at)).to.deep.equal([noon + 2, noon + 1])
  })

  it('rotate nothing when they come later than a newer one', async () => {
    const { issuer } = await furnished(storage())
    await append(fetchOf(issuer.id, 1), fetchOf(issuer.id, 3, 'two'), fetchOf(issuer.id, 2, 'one'))
    await append(fetchOf(issuer.id, 4, 'two'))
    expect((await list(issuer.id)).map(({ at, rotated }) => [at - noon, rotated])).to.deep.equal([
      [4, false],
      [2, false],
      [3, true],
      [1, false],
    ])
  })

  it('are told of by several at a time, and rotated once', async () => {
    const { issuer } = await furnished(storage())
    await append(fetchOf(issuer.id, 1))
    await Promise.all([2, 3, 4, 5].map((at) => append(fetchOf(issuer.id, at, 'two'))))
    const kept = await list(issuer.id)
    expect(kept).to.have.length(5)
    expect(kept.filter(({ rotated }) => rotated)).to.have.length(1)
  })

  it('go with their issuer, and none is kept of one that is gone', async () => {
    const { issuer, account } = await furnished(storage())
    await append(fetchOf(issuer.id, 1))
    await storage().writing.serviceAccounts.remove(account.id)
    await storage().writing.issuers.remove(issuer.id)
    await append(fetchOf(issuer.id, 2))
    expect(await list(issuer.id)).to.deep.equal([])
  })
})
