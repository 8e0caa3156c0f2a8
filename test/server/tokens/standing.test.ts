import { expect } from 'chai'
import { createChanges } from '../../../src/server/shared-state/changes.ts'
import { createStanding } from '../../../src/server/tokens/standing.ts'

const principal = { id: 'sa_1', orgId: 'org_1', via: ['tp_1', 'iss_1'] }

describe('tokens/standing', () => {
  const closing = new Map<string, Promise<void>>()
  const revocations = { closing: (ids: readonly string[]) => ids.map((id) => closing.get(id)).find(Boolean) }
  afterEach(() => closing.clear())

  it('stands while nothing of the organization has changed, and nothing is being revoked', () => {
    const changes = createChanges()
    const standing = createStanding({ changes, revocations })
    const mark = standing.mark()
    changes.publish({ orgId: 'org_2' })
    expect(standing.moved(mark, principal)).to.equal(undefined)
    changes.publish({ orgId: 'org_1' })
    expect(standing.moved(mark, principal)).to.be.instanceOf(Promise)
  })

  it('waits for a revocation of whom it is for, or what it came from', () => {
    const standing = createStanding({ changes: createChanges(), revocations })
    for (const id of ['sa_1', 'tp_1', 'iss_1']) {
      const opened = Promise.resolve()
      closing.set(id, opened)
      expect(standing.moved(standing.mark(), principal)).to.equal(opened)
      closing.clear()
    }
  })

  it('is never late where nobody else changes anything', async () => {
    const changes = createChanges()
    const standing = createStanding({ changes, revocations })
    const mark = standing.mark()
    changes.publish({ orgId: 'org_1' })
    expect(standing.late(mark, principal)).to.equal(undefined)
    expect(await standing.outdated(mark)).to.equal(false)
  })

  it('waits, among others, until it is known what has changed', async () => {
    const changes = createChanges()
    const known = Promise.resolve()
    let behind = false
    const shared = {
      settling: () => (behind ? known : undefined),
      look: async () => changes.publish({ orgId: 'org_9' }),
    }
    const standing = createStanding({ changes, revocations, shared })
    const mark = standing.mark()
    expect(standing.late(mark, principal)).to.equal(undefined)
    behind = true
    expect(standing.late(mark, principal)).to.equal(known)
    expect(standing.moved(mark, principal)).to.equal(known)
    expect(await standing.outdated(mark)).to.equal(true)
  })
})
