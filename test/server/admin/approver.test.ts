import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { approverOf, stillApproverOf } from '../../../src/server/admin/approver.ts'
import { openStorage } from '../../../src/server/storage/open.ts'
import type { Storage } from '../../../src/server/storage/storage.ts'
import { accountOf, keyOf, loginOf, noon, organization, teamOf, userOf } from '../../support/nouns.ts'
import { reasonOf } from '../../support/refused.ts'

describe('admin/approver', () => {
  const org = organization()
  const [user, other] = [userOf(org.id), userOf(org.id, 'bob')]
  const account = accountOf(teamOf(org.id))
  const key = { ...keyOf(org.id, 'user', user.id, 'd'), expiresAt: noon + 1_000 }
  let dataDir: string
  let storage: Storage
  before(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'countersign-'))
    storage = await openStorage({ dataDir })
    const { organizations, users, teams, serviceAccounts, keys } = storage.writing
    await organizations.insert(org)
    for (const each of [user, other]) await users.insert(each)
    await teams.insert({ ...teamOf(org.id), id: account.teamId as string })
    await serviceAccounts.insert(account)
    await keys.insert(key)
    await keys.insert(keyOf(org.id, 'service_account', account.id, 'e'))
  })
  after(async () => {
    await storage?.close()
    rmSync(dataDir, { recursive: true })
  })

  it('is the person whose key it is, until it expires', async () => {
    expect(await approverOf(storage.reading, { digest: 'd' }, noon + 999)).to.deep.equal({ key, user, org })
    expect(await approverOf(storage.reading, { digest: 'd' }, noon + 1_000)).to.equal(undefined)
  })

  it('is nobody for a key of no person, or of nobody', async () => {
    for (const digest of ['e', 'x'])
      expect(await approverOf(storage.reading, { digest }, noon), digest).to.equal(undefined)
  })

  const approved = { decision: 'approved' as const, orgId: org.id, userId: user.id, keyId: key.id }
  it('is still who approved', async () => {
    const { user: found } = await stillApproverOf(storage.reading, loginOf(approved), noon)
    expect(found).to.deep.equal(user)
  })

  for (const [what, more] of [
    ['a login that was denied', { decision: 'denied' }],
    ['a login that waits', { decision: 'pending' }],
    ['a key of somebody else', { userId: other.id }],
    ['a key that is gone', { keyId: 'key_gone' }],
    ['a key of another organization', { orgId: 'org_other' }],
  ] as const)
    it(`is nobody for ${what}`, async () => {
      expect(await reasonOf(stillApproverOf(storage.reading, loginOf({ ...approved, ...more }), noon))).to.equal(
        'login_denied',
      )
    })

  it('is nobody any more when the key has expired', async () => {
    expect(await reasonOf(stillApproverOf(storage.reading, loginOf(approved), noon + 1_000))).to.equal('login_denied')
  })
})
