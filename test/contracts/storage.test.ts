import { expect } from 'chai'
import { Refusal } from '../../src/server/errors/refusal.ts'
import { noon, organization, teamOf } from '../support/nouns.ts'
import { reasonOf } from '../support/refused.ts'
import { contract } from './implementations.ts'

contract('a storage', (storage) => {
  it('keeps all of a transaction, and sees its own writes within', async () => {
    const org = organization()
    const team = teamOf(org.id)
    const seen = await storage().transaction(async (stores) => {
      await stores.organizations.insert(org)
      await stores.teams.insert(team)
      expect(await storage().reading.teams.count({}), 'outside, before the end').to.equal(0)
      return stores.teams.find({ orgId: org.id }, 'ml')
    })
    expect(seen).to.deep.equal(team)
    expect(await storage().reading.teams.find({ orgId: org.id }, 'ml')).to.deep.equal(team)
  })

  it('keeps nothing of a transaction that throws', async () => {
    const work = storage().transaction(async ({ organizations, values }) => {
      await organizations.insert(organization())
      await values.set('a', 'b')
      throw new Refusal('forbidden')
    })
    expect(await reasonOf(work)).to.equal('forbidden')
    expect(await storage().reading.organizations.count({})).to.equal(0)
    expect(await storage().reading.values.get('a')).to.equal(undefined)
  })

  it('keeps nothing of a transaction in which a write is refused', async () => {
    const work = storage().transaction(async ({ organizations }) => {
      await organizations.insert(organization())
      await organizations.insert(organization())
    })
    expect(await reasonOf(work)).to.equal('name_taken')
    expect(await storage().reading.organizations.count({})).to.equal(0)
    expect(await reasonOf(storage().writing.organizations.insert(organization()))).to.equal('done')
  })

  it('runs transactions one after the other', async () => {
    const countUp = () =>
      storage().transaction(async ({ values }) => {
        const before = Number((await values.get('count')) ?? 0)
        await values.set('count', String(before + 1))
      })
    await Promise.all([...Array.from({ length: 30 }, countUp), storage().writing.values.set('other', 'x')])
    expect(await storage().reading.values.get('count')).to.equal('30')
  })

  it('does not write through what is for reading', async () => {
    const error = await storage()
      .reading.values.set('a', 'b')
      .catch((thrown) => thrown)
    expect(error).to.be.an('error').and.not.be.instanceOf(Refusal)
    expect(await storage().reading.values.get('a')).to.equal(undefined)
  })

  it('answers a ping, until it is closed', async () => {
    await storage().ping()
    await storage().close()
    expect(await reasonOf(storage().ping())).to.equal('storage_unavailable')
    expect(await reasonOf(storage().writing.values.set('a', 'b'))).to.equal('storage_unavailable')
    expect(await reasonOf(storage().reading.values.get('a'))).to.equal('storage_unavailable')
  })
})

contract('values', (storage) => {
  it('are set, set again and removed', async () => {
    const { writing, reading } = storage()
    await writing.values.set('setup', 'one')
    await writing.values.set('setup', 'two')
    expect(await reading.values.get('setup')).to.equal('two')
    await writing.values.remove('setup')
    expect(await reading.values.get('setup')).to.equal(undefined)
  })
})

contract('idempotency', (storage) => {
  const answer = { scope: 'sa_1 key', digest: 'd', sealed: 's', expiresAt: noon + 10 }

  it('gives an answer again until it expires', async () => {
    const { writing, reading } = storage()
    await writing.idempotency.save(answer)
    expect(await reading.idempotency.find(answer.scope, noon + 9)).to.deep.equal(answer)
    expect(await reading.idempotency.find(answer.scope, noon + 10)).to.equal(undefined)
    expect(await reading.idempotency.find('another', noon)).to.equal(undefined)
  })

  it('takes a later answer, and purges what has expired', async () => {
    const { writing, reading } = storage()
    await writing.idempotency.save(answer)
    await writing.idempotency.save({ ...answer, sealed: 't', expiresAt: noon + 20 })
    await writing.idempotency.purge(noon + 19)
    expect(await reading.idempotency.find(answer.scope, noon)).to.include({ sealed: 't' })
    await writing.idempotency.purge(noon + 20)
    expect(await reading.idempotency.find(answer.scope, noon)).to.equal(undefined)
  })
})
