import { expect } from 'chai'
import type { Organization } from '../../src/server/accounts/model.ts'
import { fittingRegistrations } from '../../src/server/issuers/find-registration.ts'
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
import { reasonOf } from '../support/refused.ts'
import { furnished } from './furnished.ts'
import { contract } from './implementations.ts'

contract('a collection', (storage) => {
  it('gives back what it was given, of every noun', async () => {
    const all = await furnished(storage())
    const { reading } = storage()
    const at = { orgId: all.org.id }
    expect(await reading.organizations.find({}, 'acme')).to.deep.equal(all.org)
    expect(await reading.teams.find(at, all.team.id)).to.deep.equal(all.team)
    expect(await reading.users.find(at, 'alice')).to.deep.equal(all.user)
    expect(await reading.issuers.find(at, 'github')).to.deep.equal(all.issuer)
    expect(await reading.serviceAccounts.find(at, 'trainer')).to.deep.equal(all.account)
    expect(await reading.policies.find(at, all.policy.id)).to.deep.equal(all.policy)
    expect(await reading.resourceServers.find(at, 'tracker')).to.deep.equal(all.server)
  })

  it('keeps uploaded keys', async () => {
    const { org } = await furnished(storage())
    const jwks = { keys: [{ kty: 'EC', crv: 'P-256', x: 'x', y: 'y' }] }
    const uploaded = issuerOf(org.id, 'cluster', { issuer: 'https://cluster.local', jwks })
    await storage().writing.issuers.insert(uploaded)
    expect(await storage().reading.issuers.find({}, uploaded.id)).to.deep.equal(uploaded)
  })

  it('finds nothing of another organization, by name or by id', async () => {
    const { team } = await furnished(storage())
    const other = organization('other')
    await storage().writing.organizations.insert(other)
    expect(await storage().reading.teams.find({ orgId: other.id }, team.id)).to.equal(undefined)
    expect(await storage().reading.teams.find({ orgId: other.id }, team.name)).to.equal(undefined)
  })

  it('takes null in a question for an empty column', async () => {
    const { org, team, account } = await furnished(storage())
    const wide = accountOf(team, 'wide', { teamId: null, defaultTeamId: team.id, method: 'api_key' })
    await storage().writing.serviceAccounts.insert(wide)
    const accounts = storage().reading.serviceAccounts
    expect(await accounts.first({ orgId: org.id, teamId: null })).to.deep.equal(wide)
    expect(await accounts.first({ orgId: org.id, enabled: true })).to.deep.equal(account)
    expect(await accounts.count({ orgId: org.id })).to.equal(2)
  })

  it('lists by id, page after page', async () => {
    const orgs = ['c', 'a', 'b'].map((name) => organization(name))
    for (const org of orgs) await storage().writing.organizations.insert(org)
    const first = await storage().reading.organizations.list({}, { limit: 2 })
    expect(first).to.deep.equal({ items: orgs.slice(0, 2), nextCursor: orgs[1]?.id })
    const after = first.nextCursor as string
    expect(await storage().reading.organizations.list({}, { limit: 2, after })).to.deep.equal({
      items: orgs.slice(2),
      nextCursor: null,
    })
  })

  it('looks for a part of the name, in whatever case, letter by letter', async () => {
    const { org } = await furnished(storage())
    const other = organization('other')
    await storage().writing.organizations.insert(other)
    const names = ['data-a', 'data_b', 'my-data', 'models']
    for (const name of names) await storage().writing.teams.insert(teamOf(org.id, name))
    await storage().writing.teams.insert(teamOf(other.id, 'data-a'))
    const list = async (part: string, more: { limit?: number; after?: string } = {}) => {
      const page = await storage().reading.teams.list({ orgId: org.id }, { limit: 10, ...more, part })
      return { names: page.items.map(({ name }) => name), nextCursor: page.nextCursor }
    }
    expect(await list('DATA')).to.deep.equal({ names: ['data-a', 'data_b', 'my-data'], nextCursor: null })
    expect((await list('a_b')).names).to.deep.equal(['data_b'])
    for (const part of ['%', 'a-_', '\\', "'", 'data\\', '%data%'])
      expect((await list(part)).names, part).to.deep.equal([])
    const first = await list('data', { limit: 2 })
    expect(first.names).to.deep.equal(['data-a', 'data_b'])
    expect(await list('data', { limit: 2, after: first.nextCursor as string })).to.deep.equal({
      names: ['my-data'],
      nextCursor: null,
    })
  })

  it('finds a user by the e-mail address too', async () => {
    const { user } = await furnished(storage())
    const part = user.email.slice(1).toUpperCase()
    expect((await storage().reading.users.list({ orgId: user.orgId }, { limit: 5, part })).items).to.deep.equal([user])
    expect((await storage().reading.users.list({ orgId: user.orgId }, { limit: 5, part: `${part}x` })).items).to.be
      .empty
  })

  it('finds what few have among many', async function () {
    this.timeout(60_000)
    const { org } = await furnished(storage())
    await storage().transaction(async ({ teams }) => {
      for (let i = 0; i < 4_100; i++)
        await teams.insert(teamOf(org.id, `${i % 2_000 === 1_999 ? 'rare' : 'usual'}-${i}`))
    })
    const list = (ask: { limit: number; after?: string }) =>
      storage().reading.teams.list({ orgId: org.id }, { ...ask, part: 'rare' })
    const all = await list({ limit: 10 })
    expect(all.items.map(({ name }) => name)).to.deep.equal(['rare-1999', 'rare-3999'])
    expect(all.nextCursor).to.equal(null)
    const one = await list({ limit: 1 })
    expect(one.nextCursor).to.equal(all.items[0]?.id)
    expect(await list({ limit: 1, after: one.nextCursor as string })).to.deep.equal({
      items: all.items.slice(1),
      nextCursor: null,
    })
  })

  it('narrows down a list, page after page, with turns for others', async function () {
    this.timeout(60_000)
    const { org, team, account } = await furnished(storage())
    const wide = { teamId: null, defaultTeamId: team.id, method: 'api_key' } as const
    const made = Array.from({ length: 6_100 }, (_, i) => {
      if (i === 5_000) return accountOf(team, 'deploy-team', { method: 'api_key' })
      if (i === 6_000) return accountOf(team, 'other-team', { method: 'api_key' })
      return accountOf(team, `deploy-${i}`, i % 2_000 === 1_999 ? { ...wide, method: 'federated' } : wide)
    })
    await storage().transaction(async ({ serviceAccounts }) => {
      for (const one of made) await serviceAccounts.insert(one)
    })
    const names = async (ask: object) => {
      const found = []
      for (let after: string | null = ''; after !== null; ) {
        const page: { items: { name: string }[]; nextCursor: string | null } =
          await storage().reading.serviceAccounts.list({ orgId: org.id }, { limit: 1, after, ...ask })
        found.push(...page.items.map(({ name }) => name))
        after = page.nextCursor
      }
      return found
    }
    const federated = [account.name, 'deploy-1999', 'deploy-3999', 'deploy-5999']
    expect(await names({ narrow: { method: 'federated' } })).to.deep.equal(federated)
    expect(await names({ filled: 'teamId' })).to.deep.equal([account.name, 'deploy-team', 'other-team'])
    expect(await names({ filled: 'teamId', part: 'DEPLOY', narrow: { method: 'api_key' } })).to.deep.equal([
      'deploy-team',
    ])
    expect(await names({ filled: 'teamId', narrow: { enabled: false } })).to.deep.equal([])
    const asked = storage().reading.serviceAccounts.list({ orgId: org.id }, { limit: 1, narrow: { enabled: false } })
    expect((await turnsDuring(asked)).turns).to.be.at.least(3)
  })

  it('names those that are asked for', async () => {
    const { org, team } = await furnished(storage())
    const other = teamOf(org.id, 'other')
    await storage().writing.teams.insert(other)
    const { teams } = storage().reading
    const at = { orgId: org.id }
    expect([...(await teams.names(at, [other.id, 'team_none']))]).to.deep.equal([[other.id, 'other']])
    expect([...(await teams.names(at, []))]).to.deep.equal([])
    expect((await teams.names(at)).size).to.equal(2)
    expect((await teams.names({ orgId: 'org_other' }, [team.id])).size).to.equal(0)
  })

  it('updates what changed, and counts the changes', async () => {
    const { user } = await furnished(storage())
    const changed = await storage().writing.users.update(user, { role: 'admin', email: 'A@b.example' }, noon + 5)
    expect(changed).to.deep.equal({ ...user, role: 'admin', email: 'A@b.example', version: 2, updatedAt: noon + 5 })
    expect(await storage().reading.users.find({}, user.id)).to.deep.equal(changed)
    expect(await storage().reading.lookups.usersNamed(user.orgId, 'a@B.example')).to.deep.equal([changed])
  })

  it('refuses to update what is gone', async () => {
    const org: Organization = organization()
    expect(await reasonOf(storage().writing.organizations.update(org, { displayName: 'x' }, noon))).to.equal(
      'not_found',
    )
  })

  it('refuses a child of a parent that is gone', async () => {
    expect(await reasonOf(storage().writing.teams.insert(teamOf(organization().id)))).to.equal('not_found')
  })

  it('refuses names that are taken in their parent, and only those', async () => {
    const { org, team, account, issuer, user, server } = await furnished(storage())
    const { writing } = storage()
    const other = teamOf(org.id, 'other')
    await writing.teams.insert(other)
    const tries: [string, Promise<void>, string][] = [
      ['organization', writing.organizations.insert(organization()), 'name_taken'],
      ['team', writing.teams.insert(teamOf(org.id)), 'name_taken'],
      ['user', writing.users.insert(userOf(org.id, user.name, { email: 'new@acme.example' })), 'name_taken'],
      ['account in its team', writing.serviceAccounts.insert(accountOf(team)), 'name_taken'],
      ['account in another team', writing.serviceAccounts.insert(accountOf(other)), 'done'],
      ['account in no team', writing.serviceAccounts.insert(accountOf(team, 'trainer', { teamId: null })), 'done'],
      ['issuer', writing.issuers.insert(issuerOf(org.id, issuer.name, { audiences: ['x'] })), 'name_taken'],
      ['pair', writing.issuers.insert(issuerOf(org.id, 'b', { audiences: ['y', 'acme'] })), 'audience_taken'],
      ['policy', writing.policies.insert(policyOf(account, issuer.id, 'b')), 'name_taken'],
      [
        'server',
        writing.resourceServers.insert({ ...server, id: newId('rs'), audience: 'https://b.example' }),
        'name_taken',
      ],
      [
        'audience',
        writing.resourceServers.insert({ ...resourceServerOf(org.id, 'b'), audience: server.audience }),
        'audience_taken',
      ],
      ['key', writing.keys.insert(keyOf(org.id, 'user', user.id, 'd1')), 'done'],
      ['key of the same name', writing.keys.insert(keyOf(org.id, 'user', user.id, 'd2')), 'done'],
    ]
    const answers = await Promise.all(tries.map(async ([what, work]) => [what, await reasonOf(work)]))
    expect(answers).to.deep.equal(tries.map(([what, , reason]) => [what, reason]))
    expect(await storage().reading.issuers.find({ orgId: org.id }, 'b'), 'nothing of a refused pair').to.equal(
      undefined,
    )
  })

  it('names the e-mail address when that is taken, whatever its case', async () => {
    const { org, user } = await furnished(storage())
    const clash = userOf(org.id, 'bob', { email: user.email.toUpperCase() })
    const error = await storage()
      .writing.users.insert(clash)
      .catch((thrown) => thrown)
    expect(error).to.include({ reason: 'name_taken' })
    expect(error.says).to.match(/e-mail/)
  })

  it('keeps the pairs of an issuer in step, disabled or not', async () => {
    const { org, issuer } = await furnished(storage())
    const { writing, reading } = storage()
    const disabled = await writing.issuers.update(issuer, { audiences: ['new'], enabled: false }, noon)
    expect(await fittingRegistrations(reading.lookups, { ...issuer, audiences: ['acme'] })).to.deep.equal([])
    expect(await fittingRegistrations(reading.lookups, { ...issuer, audiences: ['new'] })).to.deep.equal([
      { registration: disabled, org: 'acme' },
    ])
    expect(await reasonOf(writing.issuers.insert(issuerOf(org.id, 'b', { audiences: ['new'] })))).to.equal(
      'audience_taken',
    )
    expect(await reasonOf(writing.issuers.insert(issuerOf(org.id, 'b', { audiences: ['acme'] })))).to.equal('done')
  })

  it('deletes what is below', async () => {
    const { org, user, team, account, issuer, policy } = await furnished(storage())
    const { writing, reading } = storage()
    await writing.keys.insert(keyOf(org.id, 'user', user.id, 'd1'))
    await writing.keys.insert(keyOf(org.id, 'service_account', account.id, 'd2'))
    await writing.members.save({
      orgId: org.id,
      teamId: team.id,
      userId: user.id,
      role: 'admin',
      createdAt: noon,
      updatedAt: noon,
    })
    await writing.issuers.remove(issuer.id)
    expect(await reading.policies.find({}, policy.id), 'policies of a deleted issuer').to.equal(undefined)
    await writing.users.remove(user.id)
    expect(await reading.members.ofUser(user.id)).to.deep.equal([])
    expect((await reading.keys.list({}, { limit: 9 })).items.map(({ digest }) => digest)).to.deep.equal(['d2'])
    await writing.organizations.remove(org.id)
    expect(await reading.keys.count({})).to.equal(0)
    expect(await reading.serviceAccounts.count({})).to.equal(0)
    expect(await reasonOf(writing.organizations.insert(organization()))).to.equal('done')
  })

  it('keeps the default team of an account', async () => {
    const { org, team } = await furnished(storage())
    const spare = teamOf(org.id, 'spare')
    await storage().writing.teams.insert(spare)
    const wide = accountOf(team, 'wide', { teamId: null, defaultTeamId: spare.id })
    await storage().writing.serviceAccounts.insert(wide)
    expect(await reasonOf(storage().writing.teams.remove(spare.id))).to.equal('in_use')
    expect(await reasonOf(storage().transaction(({ teams }) => teams.remove(spare.id)))).to.equal('in_use')
    await storage().writing.organizations.remove(org.id)
    expect(await storage().reading.teams.count({})).to.equal(0)
  })
})
