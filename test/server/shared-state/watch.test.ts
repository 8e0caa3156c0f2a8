/** What is learned of other processes, from a real database that both have open. */
import { expect } from 'chai'
import { createChanges } from '../../../src/server/shared-state/changes.ts'
import { createWatch, type Watch } from '../../../src/server/shared-state/watch.ts'
import { openStorage } from '../../../src/server/storage/open.ts'
import type { Storage } from '../../../src/server/storage/storage.ts'
import { noon } from '../../support/nouns.ts'
import { tempDir } from '../../support/temp-dir.ts'

describe('shared-state/watch', () => {
  const dir = tempDir()
  let storage: Storage
  let watch: Watch
  let heard: string[]
  let now: number
  let failing: Error | undefined
  const changes = () => {
    const all = createChanges()
    all.listen(({ orgId, n }) => void (n === undefined && heard.push(`changed ${orgId}`)))
    return all
  }
  let local: ReturnType<typeof changes>

  beforeEach(async () => {
    storage = await openStorage({ dataDir: dir() })
    heard = []
    now = noon
    failing = undefined
    local = changes()
    watch = createWatch({
      changes: local,
      reading: storage.reading,
      apply: (revoked) => heard.push(...revoked.map(({ id }) => `revoked ${id}`)),
      async reload() {
        if (failing) throw failing
        heard.push('reloaded')
      },
      forget: (id) => heard.push(`forgot ${id}`),
      now: () => now,
      report: (error) => heard.push(`reported ${(error as Error).message}`),
    })
    await watch.load()
    heard.length = 0
  })
  afterEach(async () => {
    await watch.close()
    await storage.close()
  })
  /** Another process does something. */
  const advance = (id: string, at = now) => storage.transaction((stores) => stores.changes.advance(id, at))

  it('hears of each change once', async () => {
    await advance('org_1')
    await watch.look()
    await watch.look()
    expect(heard).to.deep.equal(['changed org_1'])
    await advance('org_1')
    await watch.look()
    expect(heard).to.deep.equal(['changed org_1', 'changed org_1'])
  })

  it('knows what was revoked before it says that something changed', async () => {
    await storage.writing.revocations.save([{ id: 'sa_1', before: now, expiresAt: now + 1 }])
    await advance('org_1')
    await watch.look()
    expect(heard).to.deep.equal(['revoked sa_1', 'changed org_1'])
  })

  it('does not hear of what this process changed by itself', async () => {
    local.publish({ orgId: 'org_1', n: await advance('org_1') })
    await watch.look()
    expect(heard).to.deep.equal([])
    await advance('org_1')
    await watch.look()
    expect(heard).to.deep.equal(['changed org_1'])
  })

  it('reads keys and revocations anew when the installation changed, before which it is not settled', async () => {
    await advance('*')
    watch.hear(new Map([['*', 1]]))
    expect(heard).to.deep.equal(['changed null'])
    await watch.settling()
    expect(heard).to.include('reloaded')
    expect(watch.settling()).to.equal(undefined)
  })

  it('is not settled while what changed cannot be read, and tries again', async () => {
    await advance('*')
    failing = new Error('away')
    watch.hear(new Map([['*', 1]]))
    expect(await watch.settling()?.catch((error: Error) => error.message)).to.equal('away')
    failing = undefined
    await watch.settling()
    expect(watch.settling()).to.equal(undefined)
    expect(heard).to.include('reloaded')
  })

  it('takes an old number for what it is', async () => {
    await advance('org_1')
    await advance('org_1')
    await watch.look()
    heard.length = 0
    watch.hear(new Map([['org_1', 1]]))
    expect(heard).to.deep.equal([])
    expect(watch.settling()).to.equal(undefined)
  })

  it('drops the keys of an issuer', async () => {
    await advance('iss_1')
    await watch.look()
    expect(heard).to.deep.equal(['forgot iss_1'])
  })

  it('hears of a change whose clock is two minutes behind', async () => {
    await advance('org_1', now - 119_000)
    await watch.look()
    expect(heard).to.deep.equal(['changed org_1'])
  })

  it('a look that was asked for while one is under way sees what was durable by then', async () => {
    const first = watch.look()
    await advance('org_1')
    await watch.look()
    await first
    expect(heard).to.deep.equal(['changed org_1'])
  })

  it('misses nothing of a time in which it could not look, however long that was', async () => {
    await advance('org_1')
    await storage.writing.revocations.save([{ id: 'sa_1', before: now, expiresAt: now + 9_000_000 }])
    now += 3_600_000
    await watch.look()
    expect(heard).to.deep.equal(['revoked sa_1', 'changed org_1'])
  })

  it('hears of another’s change that came before one of its own', async () => {
    await advance('*')
    local.publish({ orgId: null, n: await advance('*') })
    await watch.look()
    expect(heard).to.deep.equal(['changed null', 'reloaded'])
  })

  describe('while a look is under way', () => {
    let waits: PromiseWithResolvers<void>
    let begun: PromiseWithResolvers<void>
    let slow: Watch
    const pause = async () => {
      begun.resolve()
      await waits.promise
    }
    /** The first look, or the first reading of keys, ends when the test says so. */
    function watching(what: 'look' | 'reload'): void {
      let isFirst = false
      slow = createWatch({
        changes: local,
        reading: {
          ...storage.reading,
          changes: {
            ...storage.reading.changes,
            async since(from) {
              const heads = await storage.reading.changes.since(from)
              if (isFirst && what === 'look') {
                isFirst = false
                await pause()
              }
              return heads
            },
          },
        },
        apply: () => {},
        async reload() {
          heard.push('reloaded')
          if (!isFirst || what === 'look') return
          isFirst = false
          await pause()
        },
        forget: () => {},
        now: () => now,
        report: () => {},
      })
      isFirst = true
    }
    beforeEach(() => {
      waits = Promise.withResolvers()
      begun = Promise.withResolvers()
    })
    afterEach(() => slow.close())

    it('news that came meanwhile is not settled by it, since it is older', async () => {
      watching('look')
      const looking = slow.look()
      await begun.promise
      const n = await advance('org_1')
      slow.hear(new Map([['org_1', n]]))
      waits.resolve()
      await looking
      expect(slow.settling()).to.not.equal(undefined)
      await slow.settling()
      expect(slow.settling()).to.equal(undefined)
      expect(heard).to.deep.equal(['changed org_1'])
    })

    it('keys that changed while they were read are read again', async () => {
      watching('reload')
      const n = await advance('*')
      slow.hear(new Map([['*', n]]))
      await begun.promise
      slow.hear(new Map([['*', await advance('*')]]))
      waits.resolve()
      while (slow.settling()) await slow.settling()
      expect(heard.filter((what) => what === 'reloaded')).to.have.length(2)
    })
  })
})
