import { expect } from 'chai'
import type { Caller } from '../../../src/server/access/authority.ts'
import { callerNow } from '../../../src/server/admin/caller-now.ts'
import { openStorage } from '../../../src/server/storage/open.ts'
import type { Storage } from '../../../src/server/storage/storage.ts'
import { accountOf, organization, teamOf } from '../../support/nouns.ts'
import { tempDir } from '../../support/temp-dir.ts'

describe('admin/caller-now', () => {
  const dir = tempDir()
  let storage: Storage
  const org = organization()
  const team = teamOf(org.id)
  const strict = accountOf(team, 'strict', { method: 'api_key', admin: true, dpopBound: true })
  const gone = accountOf(team, 'gone', { method: 'api_key', admin: true, enabled: false })
  const callerOf = ({ id, name }: typeof strict, bound: boolean): Caller => ({
    type: 'service_account',
    readOnly: false,
    id,
    name,
    orgId: org.id,
    org: org.name,
    admin: true,
    bound,
    teamId: team.id,
  })

  beforeEach(async () => {
    storage = await openStorage({ dataDir: dir() })
    await storage.transaction(async (stores) => {
      await stores.organizations.insert(org)
      await stores.teams.insert(team)
      for (const account of [strict, gone]) await stores.serviceAccounts.insert(account)
    })
  })
  afterEach(() => storage.close())

  const now = (caller: Caller) =>
    storage
      .transaction((stores) => callerNow(stores, caller))
      .then(
        ({ type }) => type,
        (error: { reason?: string }) => error.reason,
      )

  it('whoever was disabled meanwhile is nobody, and so is who has no bound token where one is asked for by now', async () => {
    expect(await now(callerOf(gone, true))).to.equal('unauthenticated')
    expect(await now(callerOf(strict, false))).to.equal('unauthenticated')
    expect(await now(callerOf(strict, true))).to.equal('service_account')
  })
})
