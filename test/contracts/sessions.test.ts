import { expect } from 'chai'
import type { Session } from '../../src/server/admin/session.ts'
import { noon, sessionOf, userOf } from '../support/nouns.ts'
import { furnished } from './furnished.ts'
import { contract } from './implementations.ts'

const { expiresAt } = sessionOf()
const ids = (found: readonly Session[]) => found.map(({ id }) => id)

contract('sessions', (storage) => {
  const keep = async (...kept: Partial<Session>[]) => {
    for (const more of kept) await storage().writing.sessions.insert(sessionOf(more))
  }

  it('are found by the digest of their secret, until they expire', async () => {
    await keep({}, { id: 'ses_2', digest: 'other', principalId: null, orgId: null, email: 'ada@acme.example' })
    const { reading } = storage()
    expect(await reading.sessions.find('digest', expiresAt - 1)).to.deep.equal(sessionOf())
    expect(await reading.sessions.find('digest', expiresAt)).to.equal(undefined)
    expect(await reading.sessions.find('ses_1', noon)).to.equal(undefined)
    expect(await reading.sessions.find('other', noon)).to.include({ principalId: null, email: 'ada@acme.example' })
  })

  it('are those of one principal, the newest first', async () => {
    await keep(
      {},
      { id: 'ses_3', digest: 'c' },
      { id: 'ses_2', digest: 'b', expiresAt: noon + 1 },
      { id: 'ses_4', digest: 'd', principalId: 'user_2' },
    )
    const { reading } = storage()
    expect(ids(await reading.sessions.ofPrincipal('user_1', noon))).to.deep.equal(['ses_3', 'ses_2', 'ses_1'])
    expect(ids(await reading.sessions.ofPrincipal('user_1', noon + 1))).to.deep.equal(['ses_3', 'ses_1'])
  })

  it('choose whom they stand for, while they are there', async () => {
    await keep({ principalId: null, orgId: null })
    const { writing, reading } = storage()
    const whom = { principalId: 'user_2', orgId: 'org_2' }
    expect(await writing.sessions.choose('ses_1', whom)).to.deep.equal(sessionOf(whom))
    expect(await reading.sessions.find('digest', noon)).to.include(whom)
    expect(await writing.sessions.choose('ses_2', whom)).to.equal(undefined)
  })

  it('remember when they were used last, and never earlier', async () => {
    await keep({})
    const { writing, reading } = storage()
    for (const at of [noon + 7, noon + 3]) await writing.sessions.seen('ses_1', at)
    expect(await reading.sessions.find('digest', noon)).to.include({ lastSeenAt: noon + 7 })
  })

  it('are removed once by many', async () => {
    await keep({})
    const { writing } = storage()
    const removed = await Promise.all(Array.from({ length: 10 }, () => writing.sessions.remove('ses_1')))
    expect(removed.filter(Boolean)).to.have.length(1)
  })

  it('end with whom they stand for, or with their key; those made until then', async () => {
    await keep(
      {},
      { id: 'ses_2', digest: 'b', keyId: 'key_2' },
      { id: 'ses_3', digest: 'c', principalId: 'user_2' },
      { id: 'ses_4', digest: 'd', createdAt: noon + 1 },
      { id: 'ses_5', digest: 'e', principalId: 'user_3', keyId: null },
    )
    const { writing, reading } = storage()
    const left = async () =>
      (await Promise.all(['digest', 'b', 'c', 'd', 'e'].map((one) => reading.sessions.find(one, noon)))).map(
        (found) => found?.id ?? '',
      )
    await writing.sessions.end(['key_2', 'user_2'], noon - 1)
    expect((await left()).filter(Boolean)).to.have.length(5)
    await writing.sessions.end(['key_2', 'user_2'], noon)
    expect(await left()).to.deep.equal(['ses_1', '', '', 'ses_4', 'ses_5'])
    await writing.sessions.end(['user_1'], noon)
    expect(await left()).to.deep.equal(['', '', '', 'ses_4', 'ses_5'])
    await writing.sessions.end([...Array.from({ length: 1_200 }, (_, i) => `key_x${i}`), 'user_3'], noon)
    expect(await left()).to.deep.equal(['', '', '', 'ses_4', ''])
    await writing.sessions.end('all', noon)
    expect(await left()).to.deep.equal(['', '', '', 'ses_4', ''])
    await writing.sessions.end('all', noon + 1)
    expect(await left()).to.deep.equal(['', '', '', '', ''])
  })

  it('are purged when they have expired', async () => {
    await keep({}, { id: 'ses_2', digest: 'b', expiresAt: expiresAt + 1 })
    const { writing, reading } = storage()
    await writing.sessions.purge(expiresAt)
    expect(ids(await reading.sessions.ofPrincipal('user_1', noon))).to.deep.equal(['ses_2'])
  })

  it('know the users of an e-mail address in every organization, in any case', async () => {
    const { writing, reading } = storage()
    const [one, two] = [await furnished(storage(), 'acme'), await furnished(storage(), 'other')]
    const ada = { ...userOf(one.org.id, 'ada-2'), email: 'Ada@Lovelace.example' }
    const same = { ...userOf(two.org.id, 'al'), email: 'ada@lovelace.example' }
    for (const user of [ada, same]) await writing.users.insert(user)
    const found = await reading.sessions.usersOf('ADA@lovelace.example')
    expect(found).to.have.deep.members([ada, same])
    expect(await reading.sessions.usersOf('nobody@lovelace.example')).to.deep.equal([])
  })
})
