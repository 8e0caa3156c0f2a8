import type { Storage } from '../../src/server/storage/storage.ts'
import { accountOf, issuerOf, organization, policyOf, resourceServerOf, teamOf, userOf } from '../support/nouns.ts'

/** An organization with one object of every noun. */
export async function furnished(storage: Storage, name = 'acme') {
  const org = organization(name)
  const team = teamOf(org.id)
  const user = userOf(org.id)
  const issuer = issuerOf(org.id, 'github', { audiences: [name] })
  const account = accountOf(team)
  const policy = policyOf(account, issuer.id)
  const server = resourceServerOf(org.id)
  const { writing } = storage
  await writing.organizations.insert(org)
  await writing.teams.insert(team)
  await writing.users.insert(user)
  await writing.issuers.insert(issuer)
  await writing.serviceAccounts.insert(account)
  await writing.policies.insert(policy)
  await writing.resourceServers.insert(server)
  return { org, team, user, issuer, account, policy, server }
}
