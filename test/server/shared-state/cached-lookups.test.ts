import { hash } from 'node:crypto'
import { expect } from 'chai'
import { cachedLookups } from '../../../src/server/shared-state/cached-lookups.ts'
import { createChanges } from '../../../src/server/shared-state/changes.ts'
import { openStorage } from '../../../src/server/storage/open.ts'
import type { Storage } from '../../../src/server/storage/storage.ts'
import { accountOf, keyOf, noon, organization, teamOf } from '../../support/nouns.ts'
import { tempDir } from '../../support/temp-dir.ts'

describe('shared-state/cached-lookups', () => {
  const dir = tempDir()
  let storage: Storage
  const org = organization()
  const team = teamOf(org.id)
  const account = accountOf(team, 'robot', { method: 'api_key' })
  const expired = {
    ...keyOf(org.id, 'service_account', account.id, hash('sha256', 'expired')),
    expiresAt: noon - 1,
  }
  const unknown = hash('sha256', 'nobody’s')

  beforeEach(async () => {
    storage = await openStorage({ dataDir: dir() })
    await storage.transaction(async (stores) => {
      await stores.organizations.insert(org)
      await stores.teams.insert(team)
      await stores.serviceAccounts.insert(account)
      await stores.keys.insert(expired)
    })
  })
  afterEach(() => storage.close())

  /** The real look-ups, and how often the storage was asked for a key. */
  function counted() {
    const asked: string[] = []
    const changes = createChanges()
    const { lookups } = storage.reading
    const keyHolder = (digest: string) => {
      asked.push(digest)
      return lookups.keyHolder(digest)
    }
    let at = noon
    const later = (ms: number) => {
      at += ms
    }
    return {
      asked,
      changes,
      later,
      lookups: cachedLookups(
        { ...lookups, keyHolder },
        async () => [],
        changes,
        () => at,
      ),
    }
  }

  it('a key that is nobody’s costs the storage as many questions as one that has expired', async () => {
    const { asked, lookups } = counted()
    for (let i = 0; i < 5; i++) {
      expect(await lookups.keyHolder(unknown)).to.equal(undefined)
      expect((await lookups.keyHolder(expired.digest))?.key.id).to.equal(expired.id)
    }
    expect(asked).to.deep.equal([unknown, expired.digest])
  })

  it('keys that strangers make up push out none that is somebody’s', async () => {
    const { asked, lookups } = counted()
    await lookups.keyHolder(expired.digest)
    for (let i = 0; i < 2_000; i++) await lookups.keyHolder(hash('sha256', String(i)))
    await lookups.keyHolder(expired.digest)
    expect(asked.filter((digest) => digest === expired.digest)).to.have.length(1)
  })

  it('what is known of a key is asked anew when its organization has changed, and of nobody’s when anything has', async () => {
    const { asked, changes, lookups } = counted()
    const both = async () => {
      await lookups.keyHolder(unknown)
      await lookups.keyHolder(expired.digest)
      return asked.splice(0)
    }
    expect(await both()).to.have.length(2)
    changes.publish({ orgId: 'org_other' })
    expect(await both()).to.deep.equal([unknown])
    changes.publish({ orgId: org.id })
    expect(await both()).to.deep.equal([unknown, expired.digest])
  })

  it('what is known of a key is a minute old at the most, however strangers push', async () => {
    const { asked, later, lookups } = counted()
    await lookups.keyHolder(expired.digest)
    later(59_000)
    for (let i = 0; i < 2_000; i++) await lookups.keyHolder(hash('sha256', String(i)))
    await lookups.keyHolder(expired.digest)
    later(2_000)
    await lookups.keyHolder(expired.digest)
    expect(asked.filter((digest) => digest === expired.digest)).to.have.length(2)
  })

  it('the policies with a glob are had once for all who ask for them at once, and anew after a change', async () => {
    let asked = 0
    const changes = createChanges()
    const { lookups } = storage.reading
    const globPolicies = async (issuerId: string) => {
      asked += 1
      return lookups.globPolicies(issuerId)
    }
    const cachedOnes = cachedLookups(
      { ...lookups, globPolicies },
      async () => [],
      changes,
      () => noon,
    )
    const askAll = () => Array.from({ length: 20 }, (_, i) => cachedOnes.candidates('iss_1', `job:${asked}-${i}`))
    await Promise.all(askAll())
    expect(asked).to.equal(1)
    const before = askAll()
    changes.publish({ orgId: org.id, id: 'tp_1' } as never)
    await Promise.all([...before, ...askAll(), ...askAll()])
    expect(asked).to.equal(2)
  })
})
