/**
 * Identity providers go bad under load: who shows a token under a known key notices nothing, a provider in need is left
 * in peace by all replicas together, and what cannot be judged is no refusal.
 */
import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import { type Fault, generateKey, type Provider, startProvider } from '../support/identity-provider.ts'
import { installing } from '../support/program.ts'
import type { Service } from '../support/server.ts'
import { slowestOfNothing } from './control.ts'
import { ask, type Counts, eventually, type Fleet, load, noCounts, reconcile, startFleet, tally } from './support.ts'

/** ms. The longest that anybody with a known key waits. */
const mostWaited = 1_000
/** ms between two fetches of one issuer's keys, by whichever replica. */
const quiet = 30_000
/** Of those whose keys are known; one more is not there at all. */
const faults: Fault[] = ['error', 'hang', 'drip', 'garbage', 'empty_keys']

describe('faults/provider', () => {
  let fleet: Fleet
  const providers: Provider[] = []
  before(async function () {
    this.timeout(installing)
    // What is refused here is refused on purpose, many times over.
    fleet = await startFleet({ env: { LIMIT_FAILED_PER_MINUTE: '0' } })
  })
  after(() => Promise.all([fleet?.close(), ...providers.map((provider) => provider.close())]))

  /** A provider of its own, known to the first replica. */
  async function registered(name: string, fault: Fault | null = null) {
    const provider = await startProvider({ alg: 'ES256' })
    providers.push(provider)
    provider.fail(fault)
    const { world } = fleet
    const issuer = await world.make('/issuers', { name, issuer: provider.issuer, audiences: [name] })
    const trust = { issuer: issuer.id, subject: 'job-1' }
    await world.make(world.accounts, { name, method: 'federated', trust })
    const known = () => provider.token({ aud: name, jti: randomUUID() })
    const stranger = generateKey('ES256')
    const unknown = () =>
      provider.token({ aud: name, jti: randomUUID() }, { key: stranger.privateKey, kid: randomUUID() })
    return { name, provider, known, unknown, registeredAt: performance.now() }
  }

  const fetchesOf = ({ provider: { requests } }: { provider: Provider }) => Math.max(requests.discovery, requests.jwks)
  const outcomeOf = ({ granted, refused, failed }: Counts) =>
    tally([...granted.map(() => 'granted'), ...refused.map(({ reason }) => reason), ...failed.map(({ kind }) => kind)])

  it('serves known keys, fetches once in 30 s, and refuses nobody whom it cannot judge', async function () {
    this.timeout(120_000)
    const never = await registered('never', 'error')
    const gone = await registered('gone')
    const bad = await Promise.all(faults.map((fault) => registered(fault.replace('_', '-'))))
    expect([never, gone, ...bad].map(fetchesOf), 'fetched when they were registered').to.deep.equal(Array(7).fill(1))
    await gone.provider.close()
    for (const [i, { provider }] of bad.entries()) provider.fail(faults[i] ?? null)

    // Quiet time, and as long as the slowest of them may keep one fetch waiting.
    const over = new Promise((resolve) => setTimeout(resolve, quiet + 6_000))
    const [known, unknown, control] = await Promise.all([
      Promise.all([gone, ...bad].map(({ known }) => load(fleet, { token: known, parallel: 1, until: over }))),
      Promise.all(bad.map(({ unknown }) => load(fleet, { token: unknown, parallel: 1, rest: 200, until: over }))),
      slowestOfNothing(() => fleet.replicas, over),
      comesUp(never),
    ])

    for (const counts of known) {
      expect(outcomeOf(counts)).to.deep.equal({ granted: counts.asked })
      expect(counts.slowest, 'ms of the slowest answer').to.be.below(mostWaited + control)
    }
    // The keys that are known do not have it, and none are known that do.
    for (const counts of unknown) expect(outcomeOf(counts)).to.deep.equal({ key_not_found: counts.asked })
    // Each of them was asked about hundreds of unknown keys, at three replicas.
    expect(bad.map(fetchesOf)).to.deep.equal(bad.map(() => 2))
    await reconcile(fleet)
  })

  /** That was down from the start: 503, until it is up and its time has come. */
  async function comesUp(never: Awaited<ReturnType<typeof registered>>): Promise<void> {
    const counts = noCounts()
    for (let turn = 0; performance.now() < never.registeredAt + quiet - 5_000; turn++) {
      const answer = await ask(fleet, fleet.replicas[turn % 3] as Service, never.known(), counts)
      expect(Number(answer?.headers.get('retry-after'))).to.be.within(1, quiet / 1000)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    expect(outcomeOf(counts)).to.deep.equal({ '503 issuer_unavailable': counts.asked })
    expect(fetchesOf(never)).to.equal(1)
    never.provider.fail(null)
    for (const at of fleet.replicas)
      await eventually(15_000, async () => (await ask(fleet, at, never.known()))?.status === 200, 'it was not reached')
    expect(fetchesOf(never)).to.equal(2)
  }
})
