import { expect } from 'chai'
import { fittingRegistrations } from '../../src/server/issuers/find-registration.ts'
import type { TrustPolicy } from '../../src/server/trust/policy.ts'
import { turnsDuring } from '../support/loop-turns.ts'
import {
  accountOf,
  issuerOf,
  keyOf,
  newId,
  noon,
  organization,
  policyOf,
  resourceServerOf,
  teamOf,
  userOf,
} from '../support/nouns.ts'
import { contract } from './implementations.ts'

contract('look-ups', (storage) => {
  const org = organization()
  const team = teamOf(org.id)
  const user = userOf(org.id)
  const issuer = issuerOf(org.id)
  const account = accountOf(team)
  const wide = accountOf(team, 'wide', { teamId: null, defaultTeamId: team.id, method: 'api_key' })
  const server = resourceServerOf(org.id)

  beforeEach(() =>
    storage().transaction(async (stores) => {
      await stores.organizations.insert(org)
      await stores.teams.insert(team)
      await stores.users.insert(user)
      await stores.issuers.insert(issuer)
      await stores.serviceAccounts.insert(account)
      await stores.serviceAccounts.insert(wide)
      await stores.resourceServers.insert(server)
    }),
  )

  it('find a registration once, however many of its audiences are named', async () => {
    const { lookups } = storage().reading
    const found = [{ registration: issuer, org: 'acme' }]
    const fitting = (url: string, audiences: readonly string[]) =>
      fittingRegistrations(lookups, { issuer: url, audiences })
    expect(await fitting(issuer.issuer, ['acme'])).to.deep.equal(found)
    expect(await fitting(issuer.issuer, ['x', ...issuer.audiences])).to.deep.equal(found)
    for (const [url, audiences] of [
      [issuer.issuer, ['x']],
      [issuer.issuer, []],
      [issuer.issuer, ['ACME']],
      [`${issuer.issuer}/`, ['acme']],
    ] as const) {
      expect(await fitting(url, audiences)).to.deep.equal([])
    }
  })

  it('find two registrations when the audiences fit two', async () => {
    const second = issuerOf(org.id, 'second', { audiences: ['second'] })
    await storage().writing.issuers.insert(second)
    const audiences = ['acme', 'second']
    const found = await fittingRegistrations(storage().reading.lookups, { ...issuer, audiences })
    expect(found.map(({ registration }) => registration.name)).to.deep.equal(['github', 'second'])
  })

  it('know an issuer as long as a registration of it is enabled', async () => {
    expect(await storage().reading.lookups.issuerKnown(issuer.issuer)).to.equal(true)
    await storage().writing.issuers.update(issuer, { enabled: false }, noon)
    expect(await storage().reading.lookups.issuerKnown(issuer.issuer)).to.equal(false)
    const audiences = ['acme']
    expect(await fittingRegistrations(storage().reading.lookups, { ...issuer, audiences })).to.have.length(1)
  })

  const trainer = () => ({
    id: account.id,
    name: 'trainer',
    enabled: true,
    access: 'write',
    tokenTtl: 900,
    dpopBound: false,
    orgId: org.id,
    org: 'acme',
    teamId: team.id,
    team: 'ml',
  })

  it('find the policies that name a subject, compared exactly', async () => {
    const policy = policyOf(account, issuer.id, 'Repo:acme/app ')
    await storage().writing.policies.insert(policy)
    const { exactPolicies } = storage().reading.lookups
    const { id, name, version, subject } = policy
    const plain = { match: 'exact', conditions: [], cel: null, state: 'live' }
    expect(await exactPolicies(issuer.id, 'Repo:acme/app ')).to.deep.equal([
      { policy: { id, name, version, issuerId: issuer.id, subject, ...plain }, account: trainer() },
    ])
    expect(await exactPolicies(issuer.id, 'repo:acme/app ')).to.deep.equal([])
    expect(await exactPolicies(issuer.id, 'Repo:acme/app')).to.deep.equal([])
  })

  it('find the policies of a registration that are globs, with all that they ask', async () => {
    const conditions = [{ claim: 'repository_id', op: 'in' as const, value: ['1', 2, true] }]
    const glob = { match: 'glob' as const, conditions, cel: 'claims.a == "b"', state: 'draft' as const }
    const policy = policyOf(account, issuer.id, 'repo:acme/*', glob)
    await storage().writing.policies.insert(policy)
    await storage().writing.policies.insert({ ...policyOf(account, issuer.id), id: newId('tp'), name: 'exact' })
    const { globPolicies, exactPolicies } = storage().reading.lookups
    const { id, name, version, subject } = policy
    const found = { policy: { id, name, version, issuerId: issuer.id, subject, ...glob }, account: trainer() }
    expect(await globPolicies(issuer.id)).to.deep.equal([found])
    expect(await exactPolicies(issuer.id, 'repo:acme/*')).to.deep.equal([])
    expect(await globPolicies('iss_other')).to.deep.equal([])
  })

  it('finds all policies with a glob, however many, while others have their turns', async () => {
    const ids = await storage().transaction(async ({ policies }) => {
      const made: string[] = []
      for (let i = 0; i < 501; i++) {
        const id = newId('tp')
        const more: Partial<TrustPolicy> = { match: 'glob' }
        await policies.insert({ ...policyOf(account, issuer.id, `job:${i}*`, more), id, name: `p${i}` })
        made.push(id)
      }
      return made
    })
    const { result, turns } = await turnsDuring(storage().reading.lookups.globPolicies(issuer.id))
    expect(result.map(({ policy }) => policy.id)).to.deep.equal(ids.sort())
    expect(turns).to.be.at.least(2)
  })

  it('go through all policies of a registration, so many at once', async () => {
    const { policies } = storage().writing
    const more: Partial<TrustPolicy>[] = [
      {},
      { state: 'draft' },
      { match: 'glob' },
      {},
      { match: 'glob', cel: 'true' },
      { conditions: [{ claim: 'a', op: 'exists', value: true }] },
      {},
    ]
    const ids: string[] = []
    for (const [i, fields] of more.entries()) {
      const policy = { ...policyOf(account, issuer.id, `job:${i % 3}`, fields), id: newId('tp'), name: `p${i}` }
      await policies.insert(policy)
      ids.push(policy.id)
    }
    for (const atOnce of [1, 2, 3, 100]) {
      const found: string[] = []
      for await (const page of storage().reading.lookups.allPolicies(issuer.id, atOnce)) {
        expect(page.length).to.be.within(1, atOnce)
        for (const one of page) expect(one.account).to.deep.equal(trainer())
        found.push(...page.map(({ policy }) => policy.id))
      }
      expect(found.sort(), `${atOnce} at once`).to.deep.equal([...ids].sort())
    }
    for await (const page of storage().reading.lookups.allPolicies('iss_other', 10)) expect.fail(JSON.stringify(page))
  })

  it('keep from replicas of the version before what those would take for a plain policy', async () => {
    // They ask for `match = 'exact'`, and know of nothing else.
    const more: Partial<TrustPolicy>[] = [
      { conditions: [{ claim: 'ref', op: 'equals', value: 'main' }] },
      { cel: 'claims.a == "b"' },
      { state: 'draft' },
    ]
    const { policies } = storage().writing
    for (const [i, fields] of more.entries()) {
      const policy = { ...policyOf(account, issuer.id, 'job:a', fields), id: newId('tp'), name: `p${i}` }
      await policies.insert(policy)
      expect(await policies.find({ match: 'exact' }, policy.id), JSON.stringify(fields)).to.equal(undefined)
      expect((await policies.find({}, policy.id))?.match).to.equal('exact')
      const plain = await policies.update(policy, { conditions: [], cel: null, state: 'live' }, noon)
      expect(plain.match).to.equal('exact')
      expect(await policies.find({ match: 'exact' }, policy.id)).to.not.equal(undefined)
      await policies.update(plain, fields, noon)
      expect(await policies.find({ match: 'exact' }, policy.id)).to.equal(undefined)
    }
  })

  it('find who holds a key', async () => {
    const { writing, reading } = storage()
    const keys = [
      keyOf(org.id, 'user', user.id, 'd1'),
      keyOf(org.id, 'service_account', wide.id, 'd2'),
      keyOf(org.id, 'resource_server', server.id, 'd3'),
    ] as const
    for (const key of keys) await writing.keys.insert(key)
    const held = await Promise.all(['d1', 'd2', 'd3', 'd4'].map((digest) => reading.lookups.keyHolder(digest)))
    expect(held).to.deep.equal([
      { key: keys[0], org: 'acme', user },
      { key: keys[1], org: 'acme', account: { ...wide, team: 'ml' } },
      { key: keys[2], org: 'acme', resourceServer: server },
      undefined,
    ])
  })

  it('remember when a key was used', async () => {
    const key = keyOf(org.id, 'user', user.id, 'd1')
    await storage().writing.keys.insert(key)
    await storage().writing.lookups.touchKey(key.id, noon + 1)
    expect(await storage().reading.keys.find({}, key.id)).to.deep.equal({ ...key, lastUsedAt: noon + 1 })
  })

  it('remember when accounts were used, once in an hour of the clock, and change nothing else of them', async () => {
    const { writing, reading } = storage()
    const usedAt = async (id: string) => (await reading.serviceAccounts.find({}, id))?.lastUsedAt
    await writing.lookups.touchAccounts([account.id, 'sa_gone'], noon + 1)
    expect(await reading.serviceAccounts.find({}, account.id)).to.deep.equal({ ...account, lastUsedAt: noon + 1 })
    expect(await usedAt(wide.id)).to.equal(null)
    await writing.lookups.touchAccounts([account.id, wide.id], noon + 3_599_999)
    expect([await usedAt(account.id), await usedAt(wide.id)]).to.deep.equal([noon + 1, noon + 3_599_999])
    await writing.lookups.touchAccounts([account.id], noon - 1)
    expect(await usedAt(account.id)).to.equal(noon + 1)
    await writing.lookups.touchAccounts([account.id], noon + 3_600_000)
    expect(await usedAt(account.id)).to.equal(noon + 3_600_000)
    await writing.lookups.touchAccounts([], noon)
  })

  it('say in short what keys accounts have', async () => {
    const { writing, reading } = storage()
    const keys = [null, noon, noon + 1, noon + 2].map((expiresAt, i) => ({
      ...keyOf(org.id, 'service_account', wide.id, `d${i}`),
      name: `key-${i}`,
      expiresAt,
    }))
    for (const key of keys) await writing.keys.insert(key)
    await writing.keys.insert(keyOf(org.id, 'user', user.id, 'd9'))
    const found = await reading.lookups.keysOfAccounts([wide.id, account.id], noon)
    expect([...found]).to.deep.equal([[wide.id, { active: 3, nextExpiry: noon + 1, neverExpire: 1 }]])
    expect((await reading.lookups.keysOfAccounts([], noon)).size).to.equal(0)
  })

  it('find an account with its parent or default team', async () => {
    const { lookups } = storage().reading
    expect(await lookups.account(account.id)).to.deep.equal({ account, org: 'acme', team: 'ml' })
    expect(await lookups.account(wide.id)).to.deep.equal({ account: wide, org: 'acme', team: 'ml' })
    expect(await lookups.account('sa_none')).to.equal(undefined)
  })

  it('find users by id, by name and by address in any case', async () => {
    const { lookups } = storage().reading
    expect(await lookups.user(user.id)).to.deep.equal({ user, org: 'acme' })
    expect(await lookups.usersNamed(org.id, 'alice')).to.deep.equal([user])
    expect(await lookups.usersNamed(org.id, 'ALICE@acme.EXAMPLE')).to.deep.equal([user])
    expect(await lookups.usersNamed(org.id, 'bob')).to.deep.equal([])
    expect(await lookups.usersNamed('org_other', 'alice')).to.deep.equal([])
  })

  it('find a resource server by its audience', async () => {
    expect(await storage().reading.lookups.resourceServers(org.id, server.audience)).to.deep.equal(server)
    expect(await storage().reading.lookups.resourceServers('org_other', server.audience)).to.equal(undefined)
  })
})

contract('team members', (storage) => {
  it('are saved, saved again, listed and removed', async () => {
    const org = organization()
    const team = teamOf(org.id)
    const users = [userOf(org.id, 'a'), userOf(org.id, 'b'), userOf(org.id, 'c')]
    const { writing, reading } = storage()
    await writing.organizations.insert(org)
    await writing.teams.insert(team)
    for (const user of users) await writing.users.insert(user)
    const members = users.map(({ id }) => ({
      orgId: org.id,
      teamId: team.id,
      userId: id,
      role: 'member' as const,
      createdAt: noon,
      updatedAt: noon,
    }))
    for (const member of members) await writing.members.save(member)
    const first = await reading.members.list(team.id, { limit: 2 })
    expect(first).to.deep.equal({ items: members.slice(0, 2), nextCursor: users[1]?.id })
    const rest = await reading.members.list(team.id, { limit: 2, after: first.nextCursor as string })
    expect(rest).to.deep.equal({ items: members.slice(2), nextCursor: null })
    const [member] = members as [(typeof members)[0]]
    await writing.members.save({ ...member, role: 'admin', createdAt: noon + 1, updatedAt: noon + 1 })
    const kept = { ...member, role: 'admin', updatedAt: noon + 1 }
    expect(await reading.members.find(team.id, member.userId)).to.deep.equal(kept)
    expect(await reading.members.ofUser(member.userId)).to.deep.equal([kept])
    await writing.members.remove(team.id, member.userId)
    expect(await reading.members.find(team.id, member.userId)).to.equal(undefined)
  })
})
