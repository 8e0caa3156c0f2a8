/** Replicas that die, sleep, come and go under load. */
import { once } from 'node:events'
import { expect } from 'chai'
import { installing } from '../support/program.ts'
import { call, type Service } from '../support/server.ts'
import { must } from '../support/world.ts'
import { auditVerify, holds } from './audit-verify.ts'
import { fleetKeys } from './fleet-keys.ts'
import { activeAt, ask, eventually, type Fleet, freshToken, reconcile, startFleet, underLoad } from './support.ts'

/** ms. Until a revocation counts on a replica that was asleep. */
const heard = 1_000

describe('faults/replicas', () => {
  let fleet: Fleet
  before(async function () {
    this.timeout(installing)
    // So that there is time to see that a replica is about to end.
    fleet = await startFleet({ env: { DRAIN_SECONDS: '1' } })
  })
  afterEach(() => {
    fleet.toRedis?.pass()
    fleet.toPostgres.pass()
  })
  after(() => fleet?.close())

  const { replica, tokenAt, rotate, keySetOf, headerOf } = fleetKeys(() => fleet)

  it('lose nothing when one of them is killed', async function () {
    this.timeout(180_000)
    const dead = replica(2)
    /** Until so many more have been granted. */
    const more = (many: number) => {
      const enough = fleet.counts.granted.length + many
      return eventually(10_000, async () => fleet.counts.granted.length >= enough, 'exchanges came to a halt')
    }
    const { counts } = await underLoad(fleet, async () => {
      await more(200)
      await dead.kill()
      fleet.replicas.pop()
      await more(200)
    })
    // Who was waiting for it has no answer, and nobody else.
    expect(counts.failed.length).to.be.below(7)
    expect(counts.failed.filter(({ kind }) => /^\d/.test(kind))).to.deep.equal([])
    expect(counts.refused).to.deep.equal([])
    expect(counts.granted.length).to.be.at.least(400)
    await reconcile(fleet)
    expect(await auditVerify(fleet)).to.deep.equal(holds)
    fleet.replicas.push(await fleet.startReplica())
  })

  it('hand out nothing whose record has not arrived when one of them is killed', async function () {
    this.timeout(30_000)
    const dead = replica(2)
    await tokenAt(dead)
    fleet.toPostgres.blackHole()
    const asked = Array.from({ length: 10 }, () => ask(fleet, dead, freshToken(fleet)))
    // Time enough for whoever would not wait for the record.
    await new Promise((resolve) => setTimeout(resolve, 500))
    await dead.kill()
    expect((await Promise.all(asked)).map((answer) => answer?.status)).to.deep.equal(Array(10).fill(undefined))
    // What it had sent is lost with it.
    fleet.toPostgres.reset()
    fleet.toPostgres.pass()
    fleet.replicas.pop()
    for (const at of fleet.replicas)
      await eventually(
        10_000,
        async () => (await ask(fleet, at, freshToken(fleet)))?.status === 200,
        'it never came back',
      )
    await reconcile(fleet)
    fleet.replicas.push(await fleet.startReplica())
  })

  it('hand out nothing that others ended while they were asleep', async function () {
    this.timeout(180_000)
    const { world } = fleet
    const account = await world.external('sleepy', 'job-sleepy')
    const sleeper = replica(2)
    // So that it knows all that it needs.
    for (let i = 0; i < 3; i++) await tokenAt(sleeper, freshToken(fleet, { sub: 'job-sleepy' }))
    const doomed = await tokenAt(sleeper)
    expect(await activeAt(fleet, sleeper, doomed)).to.equal(true)
    const withdrawn = headerOf(doomed).kid
    await underLoad(
      fleet,
      async () => {
        // Nobody tells it of anything before it has decided.
        fleet.toRedis?.blackHole()
        sleeper.process.kill('SIGSTOP')
        await must(world.api('PATCH', `${world.accounts}/${account.id}`, { enabled: false }))
        expect((await call(replica(1), 'POST', '/oauth/revoke', { form: { token: doomed } })).status).to.equal(200)
        await rotate({ emergency: true })
        const disabled = Array.from({ length: 10 }, () => ask(fleet, sleeper, freshToken(fleet, { sub: 'job-sleepy' })))
        const enabled = Array.from({ length: 10 }, () => tokenAt(sleeper))
        // They wait at its door, and are the first that it sees.
        await new Promise((resolve) => setTimeout(resolve, 300))
        fleet.toPostgres.slow(100)
        sleeper.process.kill('SIGCONT')
        const noticed = eventually(
          heard,
          async () => !(await activeAt(fleet, sleeper, doomed)),
          'a dead token lived on',
        )
        expect(new Set((await Promise.all(disabled)).map((answer) => answer?.body.reason))).to.deep.equal(
          new Set(['no_account_matches']),
        )
        const tokens = await Promise.all(enabled)
        await noticed
        fleet.toRedis?.pass()
        fleet.toPostgres.pass()
        expect(tokens.map((token) => headerOf(token).kid)).to.not.include(withdrawn)
        for (const token of tokens) expect(await activeAt(fleet, replica(0), token)).to.equal(true)
        expect((await keySetOf(sleeper)).keys.map(({ kid }) => kid)).to.not.include(withdrawn)
      },
      { over: () => fleet.replicas.slice(0, 2) },
    )
    await reconcile(fleet)
  })

  it('are replaced one after the other without one failed exchange', async function () {
    this.timeout(180_000)
    const inTurn = new Set(fleet.replicas)
    const isReady = (at: Service) => call(at, 'GET', '/readyz').then(({ status }) => status === 200)
    const looking = setInterval(() => {
      for (const one of inTurn)
        isReady(one)
          .catch(() => false)
          .then((ready) => ready || inTurn.delete(one))
    }, 100)
    try {
      const { counts } = await underLoad(
        fleet,
        async () => {
          for (const old of [...fleet.replicas]) {
            const exited = once(old.process, 'exit')
            old.process.kill('SIGTERM')
            expect(await exited).to.deep.equal([0, null])
            const fresh = await fleet.startReplica()
            fleet.replicas = [...fleet.replicas.filter((one) => one !== old), fresh]
            inTurn.add(fresh)
          }
        },
        { over: () => [...inTurn] },
      )
      expect({ refused: counts.refused, failed: counts.failed }).to.deep.equal({ refused: [], failed: [] })
      expect(counts.granted.length).to.be.above(200)
    } finally {
      clearInterval(looking)
    }
    await reconcile(fleet)
  })
})
