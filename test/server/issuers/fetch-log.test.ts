import { expect } from 'chai'
import { createFetchLog } from '../../../src/server/issuers/fetch-log.ts'
import { takeKeySet } from '../../../src/server/issuers/key-set.ts'
import type { IssuerFetch } from '../../../src/server/issuers/store.ts'
import { a, b, found, keyWorld, minute, registration } from '../../support/key-world.ts'

describe('issuers/fetch-log', () => {
  const setOf = (...keys: { jwk: object }[]) => {
    const taken = takeKeySet({ keys: keys.map(({ jwk }) => jwk) }, { uploaded: false })
    if (!taken.ok) throw new Error(taken.why)
    return taken.set
  }
  const good = (at: number, ...keys: { jwk: object }[]) => ({
    issuerId: 'iss_01',
    at,
    milliseconds: 7,
    set: setOf(...keys),
    message: null,
  })
  const failed = (at: number) => ({ issuerId: 'iss_01', at, milliseconds: 7, set: undefined, message: 'jwks: no' })

  function world() {
    const written: IssuerFetch[][] = []
    const reports: unknown[] = []
    let planned: (() => void) | undefined
    let away: Error | undefined
    const log = createFetchLog({
      async keep(fetches) {
        if (away) throw away
        written.push([...fetches])
      },
      report: (error) => void reports.push(error),
      after(_ms, work) {
        planned = work
        return () => {
          planned = undefined
        }
      },
    })
    return {
      log,
      written,
      reports,
      goesAway: (error?: Error) => {
        away = error
      },
      isPlanned: () => planned !== undefined,
      async retries() {
        planned?.()
        await log.settled()
      },
    }
  }

  it('writes down what it is told of, after whoever tells has gone on', async () => {
    const { log, written } = world()
    log.tell(good(1, a, b))
    log.tell(failed(2))
    expect(written).to.deep.equal([])
    await log.settled()
    const [first, second] = written.flat()
    expect(first).to.deep.include({ issuerId: 'iss_01', at: 1, ok: true, message: null, milliseconds: 7, keys: 2 })
    expect(first?.digest).to.match(/^[0-9a-f]{64}$/)
    expect(second).to.deep.include({ at: 2, ok: false, message: 'jwks: no', keys: 0, digest: null })
  })

  it('knows a set of keys in whatever order, and tells it from others', async () => {
    const { log, written } = world()
    const renamed = { jwk: { ...a.jwk, kid: 'renamed' } }
    for (const keys of [[a, b], [b, a], [a], [renamed]]) log.tell(good(1, ...keys))
    await log.settled()
    const [one, same, fewer, other] = written.flat().map(({ digest }) => digest)
    expect(one).to.equal(same)
    expect(new Set([one, fewer, other])).to.have.property('size', 3)
  })

  it('reports once what cannot be written, keeps it in its order, and tries again', async () => {
    const w = world()
    w.goesAway(new Error('away'))
    for (let at = 0; at < 25; at++) w.log.tell(failed(at))
    await w.log.settled()
    await w.retries()
    w.log.tell(failed(25))
    await w.retries()
    expect(w.reports).to.have.length(1)
    expect(w.written).to.deep.equal([])
    w.goesAway()
    await w.retries()
    expect(w.written.flat().map(({ at }) => at)).to.deep.equal(Array.from({ length: 26 }, (_, at) => at))
    expect(Math.max(...w.written.map(({ length }) => length))).to.be.at.most(10)
    expect(w.isPlanned()).to.equal(false)
    w.goesAway(new Error('away'))
    w.log.tell(failed(26))
    await w.log.settled()
    expect(w.reports).to.have.length(2)
  })

  it('lets the oldest go when too many wait, and says so', async () => {
    const w = world()
    w.goesAway(new Error('away'))
    for (let at = 0; at < 1_003; at++) w.log.tell(failed(at))
    await w.log.settled()
    expect(w.reports.slice(0, 3).map(String)).to.deep.equal(
      [0, 1, 2].map((at) => `Error: the fetch of issuer iss_01 at ${at} will not be in its history`),
    )
    w.goesAway()
    await w.retries()
    expect(w.written.flat()).to.have.length(1_000)
    expect(w.written.flat()[0]?.at).to.equal(3)
  })

  it('writes what waits when it is closed, says what it could not, and hears of nothing after', async () => {
    const w = world()
    w.log.tell(failed(1))
    await w.log.close()
    expect(w.written.flat()).to.have.length(1)
    w.log.tell(failed(2))
    await w.log.settled()
    expect(w.written.flat()).to.have.length(1)

    const other = world()
    other.goesAway(new Error('away'))
    other.log.tell(failed(1))
    await other.log.close()
    expect(other.reports.map(String)).to.deep.equal([
      'Error: away',
      'Error: 1 fetches will not be in the history of their issuers',
    ])
    expect(other.isPlanned()).to.equal(false)
  })

  it('is told of fetches by exchanges, in the background, by refresh and by check; not of what is not registered', async () => {
    const w = keyWorld()
    const keys = w.keys()
    await found(keys, a)
    await found(keys, a)
    expect(w.told).to.have.length(1)
    w.says([b])
    await w.pass(5 * minute)
    expect(w.told).to.have.length(2)
    await keys.refresh(registration)
    await keys.probe(registration)
    w.fails()
    w.jump(minute)
    await keys.refresh(registration)
    expect(w.told.map(({ issuerId, message }) => [issuerId, message])).to.deep.equal([
      ...Array(4).fill([registration.id, null]),
      [registration.id, 'jwks: answered with status 500 instead of 200'],
    ])
    const { id: _, ...draft } = registration
    await keys.probe(draft)
    expect(w.told).to.have.length(5)
    expect(w.told.at(-1)?.at).to.equal(w.clock())
  })
})
