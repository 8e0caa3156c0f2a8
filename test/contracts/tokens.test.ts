import { expect } from 'chai'
import type { SigningKeyRow } from '../../src/server/tokens/store.ts'
import { noon } from '../support/nouns.ts'
import { contract } from './implementations.ts'

contract('replays', (storage) => {
  it('answers the first claim once, and later ones with its time', async () => {
    const { replays } = storage().writing
    expect(await replays.claim('digest', noon, noon + 10)).to.equal(undefined)
    expect(await replays.claim('digest', noon + 3, noon + 10)).to.equal(noon)
    expect(await replays.claim('other', noon + 3, noon + 10)).to.equal(undefined)
  })

  it('are looked for without being made', async () => {
    const { replays } = storage().writing
    expect(await replays.find('digest')).to.equal(undefined)
    expect(await replays.claim('digest', noon, noon + 10)).to.equal(undefined)
    expect(await replays.find('digest')).to.equal(noon)
    expect(await replays.find('other')).to.equal(undefined)
  })

  it('has one winner among 200', async () => {
    const claims = Array.from({ length: 200 }, () => storage().writing.replays.claim('digest', noon, noon + 10))
    const answers = await Promise.all(claims)
    expect(answers.filter((first) => first === undefined)).to.have.length(1)
    expect(answers.filter((first) => first === noon)).to.have.length(199)
  })

  it('forgets a claim when it is purged, not before', async () => {
    const { replays } = storage().writing
    await replays.claim('digest', noon, noon + 10)
    await replays.purge(noon + 9)
    expect(await replays.claim('digest', noon + 20, noon + 30)).to.equal(noon)
    await replays.purge(noon + 10)
    expect(await replays.claim('digest', noon + 20, noon + 30)).to.equal(undefined)
  })
})

contract('revocations', (storage) => {
  it('keep the later of both times', async () => {
    const { revocations } = storage().writing
    await revocations.save([{ id: 'sa_1', before: 5, expiresAt: 100 }])
    await revocations.save([{ id: 'sa_1', before: 3, expiresAt: 200 }])
    expect(await storage().reading.revocations.all(0)).to.deep.equal([{ id: 'sa_1', before: 5, expiresAt: 200 }])
    await revocations.save([{ id: 'sa_1', before: 9, expiresAt: 150 }])
    expect(await storage().reading.revocations.all(0)).to.deep.equal([{ id: 'sa_1', before: 9, expiresAt: 200 }])
  })

  it('take the same id twice at once, none at all, and very many', async () => {
    const { revocations } = storage().writing
    await revocations.save([])
    await revocations.save([
      { id: 'sa_1', before: 5, expiresAt: 100 },
      { id: 'sa_1', before: 4, expiresAt: 300 },
    ])
    await revocations.save(Array.from({ length: 1200 }, (_, i) => ({ id: `key_${i}`, before: i, expiresAt: 200 })))
    expect(await storage().reading.revocations.all(0)).to.have.length(1201)
    expect(await storage().reading.revocations.all(200)).to.deep.equal([{ id: 'sa_1', before: 5, expiresAt: 300 }])
  })

  it('are purged when they have expired', async () => {
    const { revocations } = storage().writing
    await revocations.save([
      { id: 'a', before: 1, expiresAt: 10 },
      { id: 'b', before: 1, expiresAt: 11 },
    ])
    await revocations.purge(10)
    expect((await storage().reading.revocations.all(0)).map(({ id }) => id)).to.deep.equal(['b'])
  })
})

contract('signing keys', (storage) => {
  const key = (kid: string, publishedAt: number): SigningKeyRow => ({
    kid,
    alg: 'ES256',
    publicJwk: { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' },
    sealed: 'sealed',
    publishedAt,
    activatesAt: null,
    withdrawnAt: null,
  })

  it('come oldest first', async () => {
    const { signingKeys } = storage().writing
    await signingKeys.insert(key('young', 2))
    await signingKeys.insert(key('old', 1))
    expect(await storage().reading.signingKeys.all()).to.deep.equal([key('old', 1), key('young', 2)])
  })

  it('are activated, withdrawn and removed', async () => {
    const { signingKeys } = storage().writing
    await signingKeys.insert(key('a', 1))
    await signingKeys.update('a', { activatesAt: 5 })
    await signingKeys.update('a', { withdrawnAt: 7, sealed: 'anew' })
    await signingKeys.update('a', {})
    expect(await storage().reading.signingKeys.all()).to.deep.equal([
      { ...key('a', 1), activatesAt: 5, withdrawnAt: 7, sealed: 'anew' },
    ])
    await signingKeys.remove('a')
    expect(await storage().reading.signingKeys.all()).to.deep.equal([])
  })
})
