import { expect } from 'chai'
import { loginOf, noon } from '../support/nouns.ts'
import { contract } from './implementations.ts'

const { expiresAt } = loginOf()
const approved = {
  decision: 'approved' as const,
  decidedAt: noon + 1,
  decidedIp: '198.51.100.9',
  decidedAgent: 'a browser',
  orgId: 'org_1',
  userId: 'user_1',
  keyId: 'key_1',
}
const denied = { ...approved, decision: 'denied' as const, orgId: null, userId: null, keyId: null }

contract('pending logins', (storage) => {
  it('are found by either code, until they expire', async () => {
    const { writing, reading } = storage()
    expect(await writing.logins.start(loginOf())).to.equal(true)
    for (const code of [{ deviceDigest: 'device' }, { userDigest: 'user' }]) {
      expect(await reading.logins.find(code, expiresAt - 1)).to.deep.equal(loginOf())
      expect(await reading.logins.find(code, expiresAt)).to.equal(undefined)
    }
    for (const code of [{ deviceDigest: 'user' }, { userDigest: 'device' }])
      expect(await reading.logins.find(code, noon)).to.equal(undefined)
  })

  it('share no code with another', async () => {
    const { writing, reading } = storage()
    await writing.logins.start(loginOf())
    expect(await writing.logins.start(loginOf({ deviceDigest: 'd', clientName: 'x' }))).to.equal(false)
    expect(await writing.logins.start(loginOf({ userDigest: 'u', clientName: 'x' }))).to.equal(false)
    expect(await reading.logins.count(noon)).to.equal(1)
    expect(await reading.logins.find({ userDigest: 'user' }, noon)).to.deep.equal(loginOf())
  })

  it('are decided once, and not when they have expired', async () => {
    const { writing, reading } = storage()
    await writing.logins.start(loginOf())
    expect(await writing.logins.decide('user', approved, expiresAt)).to.equal(false)
    expect(await writing.logins.decide('device', approved, noon)).to.equal(false)
    expect(await writing.logins.decide('user', approved, noon)).to.equal(true)
    expect(await writing.logins.decide('user', denied, noon)).to.equal(false)
    expect(await reading.logins.find({ userDigest: 'user' }, noon)).to.deep.equal(loginOf(approved))
  })

  it('are decided once by many, and removed once by many', async () => {
    const { writing } = storage()
    await writing.logins.start(loginOf())
    const once = async (deeds: Promise<boolean>[]) => (await Promise.all(deeds)).filter(Boolean).length
    const decisions = Array.from({ length: 20 }, (_, i) =>
      writing.logins.decide('user', i % 2 ? approved : denied, noon),
    )
    expect(await once(decisions)).to.equal(1)
    expect(await once(Array.from({ length: 20 }, () => writing.logins.remove('device')))).to.equal(1)
  })

  it('remember when they were asked about', async () => {
    const { writing, reading } = storage()
    await writing.logins.start(loginOf())
    await writing.logins.polled('device', noon + 7, 10)
    expect(await reading.logins.find({ userDigest: 'user' }, noon)).to.include({ polledAt: noon + 7, interval: 10 })
  })

  it('are counted while they last, and purged after', async () => {
    const { writing, reading } = storage()
    for (const [i, clientNet] of ['a', 'a', 'b'].entries())
      await writing.logins.start(
        loginOf({ deviceDigest: `d${i}`, userDigest: `u${i}`, clientNet, expiresAt: expiresAt + i }),
      )
    const counts = async (now: number) => [
      await reading.logins.count(now),
      await reading.logins.count(now, 'a'),
      await reading.logins.count(now, 'c'),
    ]
    expect(await counts(noon)).to.deep.equal([3, 2, 0])
    expect(await counts(expiresAt)).to.deep.equal([2, 1, 0])
    await writing.logins.purge(expiresAt + 1)
    expect(await counts(noon)).to.deep.equal([1, 0, 0])
  })
})
