import { expect } from 'chai'
import { accountOf, issuerOf, noon, policyOf, teamOf } from '../support/nouns.ts'
import { furnished } from './furnished.ts'
import { contract } from './implementations.ts'

contract('whom an issuer stands behind', (storage) => {
  const ask = (id: string, most = 200) => storage().reading.lookups.dependants(id, most)

  it('is each account once, with how many policies, whatever they match and whether they are live', async () => {
    const { org, team, issuer, account, policy } = await furnished(storage())
    const ops = teamOf(org.id, 'ops')
    const idle = accountOf(ops, 'idle', { enabled: false })
    const other = issuerOf(org.id, 'other', { audiences: ['other'] })
    await storage().transaction(async ({ teams, serviceAccounts, issuers, policies, lookups }) => {
      await teams.insert(ops)
      await serviceAccounts.insert(idle)
      await issuers.insert(other)
      const more = [
        policyOf(account, issuer.id, 'a*', { name: 'glob', match: 'glob' }),
        policyOf(account, issuer.id, 'b', { name: 'draft', state: 'draft' }),
        policyOf(account, other.id, 'c', { name: 'other' }),
        policyOf(idle, issuer.id),
      ]
      for (const one of more) await policies.insert(one)
      await lookups.touchAccounts([account.id], noon)
    })
    const trainer = { id: account.id, name: account.name, team: team.name, enabled: true, lastUsedAt: noon }
    const unused = { id: idle.id, name: 'idle', team: 'ops', enabled: false, policies: 1, lastUsedAt: null }
    expect(await ask(issuer.id)).to.deep.equal({
      policies: 4,
      accounts: 2,
      items: [{ ...trainer, policies: 3 }, unused],
    })
    expect(await ask(issuer.id, 1)).to.deep.include({ accounts: 2, items: [{ ...trainer, policies: 3 }] })
    expect(await ask(other.id)).to.deep.equal({ policies: 1, accounts: 1, items: [{ ...trainer, policies: 1 }] })
    expect(await ask(policy.id)).to.deep.equal({ policies: 0, accounts: 0, items: [] })
  })

  it('is counted whole, however many policies there are', async function () {
    this.timeout(60_000)
    const { issuer, account, policy } = await furnished(storage())
    await storage().transaction(async ({ policies }) => {
      for (let i = 0; i < 2_300; i++) {
        const match = i % 2 === 0 ? 'glob' : 'exact'
        await policies.insert(policyOf(account, issuer.id, `s-${i}`, { name: `p-${i}`, match }))
      }
    })
    const { policies, accounts, items } = await ask(issuer.id)
    expect([policies, accounts, items[0]?.policies]).to.deep.equal([2_301, 1, 2_301])
    expect(policy.accountId).to.equal(items[0]?.id)
  })
})
