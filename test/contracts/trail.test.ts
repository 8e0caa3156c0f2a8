import { expect } from 'chai'
import { link } from '../../src/server/audit/chain.ts'
import type { Deed } from '../../src/server/audit/event.ts'
import { type Entry, genesis, type Head, type TrailQuery } from '../../src/server/audit/store.ts'
import { deedOf, newId, noon, organization } from '../support/nouns.ts'
import { contract } from './implementations.ts'

/** The entries of these deeds, one after the other in one chain. */
function chained(deeds: readonly Deed[], from: Head = genesis): { entries: Entry[]; to: Head } {
  let to = from
  const entries = deeds.map((deed) => {
    const { entry } = link(deed, newId('evt'), to)
    to = { seq: entry.seq, hash: entry.hash }
    return entry
  })
  return { entries, to }
}

contract('a trail store', (storage) => {
  const orgId = 'org_acme'

  it('moves a chain on from where it is, and from nowhere else', async () => {
    const { trail } = storage().writing
    const { entries, to } = chained([deedOf(), deedOf()])
    expect(await trail.append(entries, [{ orgId, from: genesis, to }])).to.equal(true)
    expect(await storage().reading.trail.heads([orgId, 'org_none'])).to.deep.equal(new Map([[orgId, to]]))

    const next = chained([deedOf()], to)
    for (const from of [
      genesis,
      { seq: 1, hash: to.hash },
      { seq: 2, hash: genesis.hash },
      { seq: 3, hash: to.hash },
    ]) {
      expect(await trail.append(next.entries, [{ orgId, from, to: next.to }]), JSON.stringify(from)).to.equal(false)
    }
    expect(await storage().reading.trail.list({ orgId, order: 'oldest', limit: 9 })).to.deep.equal(entries)
    expect(await trail.append(next.entries, [{ orgId, from: to, to: next.to }])).to.equal(true)
  })

  it('keeps nothing when one of several chains has moved on', async () => {
    const { trail } = storage().writing
    const acme = chained([deedOf()])
    const other = chained([deedOf({ orgId: 'org_other', org: 'other' })])
    expect(
      await trail.append(
        [...acme.entries, ...other.entries],
        [
          { orgId, from: genesis, to: acme.to },
          { orgId: 'org_other', from: acme.to, to: other.to },
        ],
      ),
    ).to.equal(false)
    expect(await storage().reading.trail.heads([orgId, 'org_other'])).to.deep.equal(new Map())
    expect(await storage().reading.trail.list({ orgId, order: 'oldest', limit: 9 })).to.deep.equal([])
  })

  it('appends within a transaction, or not', async () => {
    const { entries, to } = chained([deedOf()])
    const moves = [{ orgId, from: genesis, to }]
    await storage()
      .transaction(async ({ trail }) => {
        expect(await trail.append(entries, moves)).to.equal(true)
        throw new Error('changed my mind')
      })
      .catch(() => undefined)
    expect(await storage().reading.trail.heads([orgId])).to.deep.equal(new Map())
    await storage().transaction(({ trail }) => trail.append(entries, moves))
    expect(await storage().reading.trail.heads([orgId])).to.deep.equal(new Map([[orgId, to]]))
  })

  it('names every chain, and every organization without one', async () => {
    const [acme, empty] = [organization('acme'), organization('empty')]
    expect(await storage().reading.trail.chains()).to.deep.equal([
      { orgId: '*', org: '*', exists: false, head: genesis },
    ])
    await storage().writing.organizations.insert(acme)
    await storage().writing.organizations.insert(empty)
    const mine = chained([deedOf({ orgId: acme.id })])
    const gone = chained([deedOf({ orgId: 'org_gone', org: 'gone' })])
    const { trail } = storage().writing
    await trail.append(mine.entries, [{ orgId: acme.id, from: genesis, to: mine.to }])
    await trail.append(gone.entries, [{ orgId: 'org_gone', from: genesis, to: gone.to }])
    expect(await storage().reading.trail.chains()).to.have.deep.members([
      { orgId: '*', org: '*', exists: true, head: genesis },
      { orgId: acme.id, org: 'acme', exists: true, head: mine.to },
      { orgId: empty.id, org: 'empty', exists: true, head: genesis },
      { orgId: 'org_gone', org: 'org_gone', exists: false, head: gone.to },
    ])
  })

  it('keeps the trail of an organization that is deleted', async () => {
    const org = organization()
    await storage().writing.organizations.insert(org)
    const { entries, to } = chained([deedOf({ orgId: org.id })])
    await storage().writing.trail.append(entries, [{ orgId: org.id, from: genesis, to }])
    await storage().writing.organizations.remove(org.id)
    expect(await storage().reading.trail.list({ orgId: org.id, order: 'newest', limit: 9 })).to.deep.equal(entries)
  })

  it('removes the beginning of a chain and keeps where it begins since, once, or not at all', async () => {
    const { entries, to } = chained(Array.from({ length: 5 }, () => deedOf()))
    const other = chained([deedOf({ orgId: 'org_other', org: 'other' })])
    const { trail } = storage().writing
    await trail.append(entries, [{ orgId, from: genesis, to }])
    await trail.append(other.entries, [{ orgId: 'org_other', from: genesis, to: other.to }])
    const floorAt = (seq: number) => ({ seq, hash: entries[seq - 1]?.hash as string, at: noon, events: 2 })
    const cut = (from: Head, seq: number) =>
      storage().transaction((stores) => stores.trail.cut(orgId, from, floorAt(seq)))
    const kept = async () =>
      (await storage().reading.trail.list({ orgId, order: 'oldest', limit: 9 })).map(({ seq }) => seq)

    expect(await storage().reading.trail.floor(orgId)).to.equal(undefined)
    await storage()
      .transaction(async (stores) => {
        expect(await stores.trail.cut(orgId, genesis, floorAt(2))).to.equal(true)
        throw new Error('changed my mind')
      })
      .catch(() => undefined)
    expect([await kept(), await storage().reading.trail.floor(orgId)]).to.deep.equal([[1, 2, 3, 4, 5], undefined])
    expect(await cut(genesis, 2)).to.equal(true)
    for (const from of [genesis, { ...floorAt(2), hash: 'x' }, floorAt(1)])
      expect(await cut(from, 4), JSON.stringify(from)).to.equal(false)
    expect([await kept(), await storage().reading.trail.floor(orgId)]).to.deep.equal([[3, 4, 5], floorAt(2)])
    expect(await cut(floorAt(2), 4)).to.equal(true)
    expect([await kept(), await storage().reading.trail.floor(orgId)]).to.deep.equal([[5], floorAt(4)])
    expect(await storage().reading.trail.chains()).to.deep.include.members([
      { orgId, org: orgId, exists: false, head: to, floor: floorAt(4) },
      { orgId: 'org_other', org: 'org_other', exists: false, head: other.to },
    ])
    expect(await storage().reading.trail.list({ orgId: 'org_other', order: 'oldest', limit: 9 })).to.have.length(1)
  })

  describe('lists', () => {
    const { entries, to } = chained([
      deedOf({ request_id: 'req_1', teamId: 'team_a', at: noon }),
      deedOf({
        type: 'token.revoke',
        result: 'done',
        at: noon + 1,
        actor: { type: 'user', id: 'user_1', name: 'alice' },
      }),
      deedOf({ type: 'tokens.exchange', result: 'refused', reason: 'token_expired', at: noon + 2, teamId: 'team_b' }),
      deedOf({ type: 'issuer.create', at: noon + 3, target: { type: 'issuer', id: 'iss_1', name: 'github' } }),
    ])
    beforeEach(() => storage().writing.trail.append(entries, [{ orgId, from: genesis, to }]))

    const asked: [what: string, query: Partial<TrailQuery>, seqs: number[]][] = [
      ['newest first', {}, [4, 3, 2, 1]],
      ['oldest first', { order: 'oldest' }, [1, 2, 3, 4]],
      ['as many as asked for', { limit: 2 }, [4, 3]],
      ['further down', { after: 3 }, [2, 1]],
      ['further up', { after: 3, order: 'oldest' }, [4]],
      ['between times, both inclusive', { from: noon + 1, to: noon + 2 }, [3, 2]],
      ['of a type', { type: 'token.revoke' }, [2]],
      ['of a noun', { type: 'token.*' }, [2, 1]],
      ['of a result', { result: 'refused' }, [3]],
      ['by actor id', { actor: 'user_1' }, [2]],
      ['by actor name', { actor: 'alice' }, [2]],
      ['by target id', { target: 'iss_1' }, [4]],
      ['by target name', { target: 'github' }, [4]],
      ['of a request', { requestId: 'req_1' }, [1]],
      ['of a request, further down', { requestId: 'req_1', after: 1 }, []],
      ['of teams', { teamIds: ['team_a', 'team_b'] }, [3, 1]],
      ['of no team', { teamIds: [] }, []],
      ['of another organization', { orgId: 'org_other' }, []],
      ['type and request', { type: 'token.*', requestId: 'req_1' }, [1]],
    ]
    for (const [what, query, seqs] of asked) {
      it(what, async () => {
        const found = await storage().reading.trail.list({ orgId, order: 'newest', limit: 50, ...query })
        expect(found.map(({ seq }) => seq)).to.deep.equal(seqs)
      })
    }
  })
})
