import { expect } from 'chai'
import { cached, createChanges } from '../../../src/server/shared-state/changes.ts'

describe('shared-state/changes', () => {
  let asked = 0
  const load = (value: string, orgIds: string[]) => async () => {
    asked++
    return { value, orgIds }
  }
  beforeEach(() => {
    asked = 0
  })

  it('asks once, until something of the organization changes', async () => {
    const changes = createChanges()
    const get = cached<string>(changes, { max: 10, ttl: 1000, now: () => 0 })
    await get('a', load('x', ['org_1']))
    await get('a', load('x', ['org_1']))
    changes.publish({ orgId: 'org_2' })
    await get('a', load('x', ['org_1']))
    expect(asked).to.equal(1)
    changes.publish({ orgId: 'org_1' })
    expect(await get('a', load('y', ['org_1']))).to.equal('y')
    expect(asked).to.equal(2)
  })

  it('does not keep an answer that was read before a change and arrived after it', async () => {
    const changes = createChanges()
    const get = cached<string>(changes, { max: 10, ttl: 1000, now: () => 0 })
    let arrive = (_: { value: string; orgIds: string[] }): void => {}
    const slow = get(
      'a',
      () =>
        new Promise((resolve) => {
          arrive = resolve
        }),
    )
    changes.publish({ orgId: 'org_1' })
    arrive({ value: 'old', orgIds: ['org_1'] })
    expect(await slow).to.equal('old')
    expect(await get('a', load('new', ['org_1']))).to.equal('new')
  })

  it('forgets with time, and forgets what is nobody’s with any change', async () => {
    const changes = createChanges()
    let now = 0
    const get = cached<string>(changes, { max: 10, ttl: 1000, now: () => now, keepUnowned: true })
    await get('a', load('x', []))
    await get('a', load('x', []))
    expect(asked).to.equal(1)
    now = 1000
    await get('a', load('x', []))
    expect(asked).to.equal(2)
    changes.publish({ orgId: 'org_9' })
    await get('a', load('x', []))
    expect(asked).to.equal(3)
  })
})
