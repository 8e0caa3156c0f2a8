/** Our own signing keys change while three replicas sign, and nobody notices, or all that was signed dies. */
import { expect } from 'chai'
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import pg from 'pg'
import { installing } from '../support/program.ts'
import type { Service } from '../support/server.ts'
import { fleetKeys } from './fleet-keys.ts'
import { activeAt, eventually, type Fleet, reconcile, startFleet } from './support.ts'

/** ms. Until all know that a key was withdrawn. */
const heard = 1_000

describe('faults/signing-keys', () => {
  let fleet: Fleet
  before(async function () {
    this.timeout(installing)
    fleet = await startFleet()
  })
  after(() => fleet?.close())

  const { replica, tokenAt, rotate, keySetOf, headerOf } = fleetKeys(() => fleet)
  const verifies = (keys: JSONWebKeySet) => {
    const keyOf = createLocalJWKSet(keys)
    return (token: string) =>
      jwtVerify(token, keyOf).then(
        () => true,
        () => false,
      )
  }

  it('change as planned, and no verifier notices', async function () {
    this.timeout(180_000)
    const cached = verifies(await keySetOf(replica(1)))
    const before = headerOf(await tokenAt(replica(0))).kid
    // As if the next key had been published for as long as it has to be, but for two seconds.
    await inDatabase(fleet, `update signing_keys set published_at = published_at - 600000`)
    await inDatabase(fleet, `update signing_keys set published_at = ${Date.now() - 598_000} where activates_at is null`)
    const plan = (await rotate({})) as { current: string; next: string; activates_at: string }
    expect(plan.current).to.equal(before)
    const activatesAt = Date.parse(plan.activates_at)
    const signed: { asked: number; answered: number; token: string }[] = []
    const client = async (at: Service) => {
      while (Date.now() < activatesAt + 1_500) {
        const asked = Date.now()
        const token = await tokenAt(at)
        signed.push({ asked, answered: Date.now(), token })
      }
    }
    await Promise.all([...fleet.replicas, ...fleet.replicas].map(client))
    for (const { asked, answered, token } of signed) {
      expect(await cached(token), 'by a key set of before').to.equal(true)
      // A second is as fine as it gets.
      if (answered < activatesAt) expect(headerOf(token).kid).to.equal(before)
      if (asked > activatesAt + 1_000) expect(headerOf(token).kid).to.equal(plan.next)
    }
    for (const at of fleet.replicas) {
      const now = verifies(await keySetOf(at))
      expect(await now(String(signed[0]?.token)), 'a token of the key before').to.equal(true)
      expect(await now(String(signed.at(-1)?.token))).to.equal(true)
    }
    await reconcile(fleet)
  })

  it('sign nothing more from the answer to an emergency on, and what they signed dies', async function () {
    this.timeout(180_000)
    const old = await tokenAt(replica(1))
    const withdrawn = headerOf(old).kid
    let over = false
    const late: string[] = []
    const client = async (at: Service) => {
      while (!over) {
        const isLate = answered
        const token = await tokenAt(at)
        if (isLate) late.push(token)
      }
    }
    let answered = false
    const clients = [...fleet.replicas, ...fleet.replicas].map(client)
    await new Promise((resolve) => setTimeout(resolve, 500))
    await rotate({ emergency: true })
    answered = true
    for (const at of fleet.replicas) await eventually(heard, async () => !(await activeAt(fleet, at, old)))
    for (const at of fleet.replicas)
      await eventually(heard, async () => !(await verifies(await keySetOf(at))(old)), 'still published')
    await eventually(5_000, async () => late.length > 20, 'nobody was answered')
    over = true
    await Promise.all(clients)
    expect(late.map((token) => headerOf(token).kid)).to.not.include(withdrawn)
    for (const at of fleet.replicas) {
      const now = verifies(await keySetOf(at))
      for (const token of late) expect(await now(token)).to.equal(true)
    }
    await reconcile(fleet)
  })

  it('one that was asleep for an hour, while they changed as planned, signs with none that is dead by then', async function () {
    this.timeout(180_000)
    const sleeper = replica(2)
    const dead = headerOf(await tokenAt(sleeper)).kid
    const hours = 3_600_000
    sleeper.process.kill('SIGSTOP')
    let waiting: Promise<string>[] = []
    try {
      // As if the next one had been published in time, taken over, and two hours had passed since.
      await inDatabase(fleet, `update signing_keys set published_at = published_at - ${24 * hours}`)
      await rotate({})
      await inDatabase(fleet, `update signing_keys set activates_at = activates_at - ${2 * hours}`)
      await inDatabase(fleet, `update signing_keys set published_at = published_at - ${24 * hours}`)
      await rotate({})
      const isDead = async () => (await keySetOf(replica(0))).keys.every(({ kid }) => kid !== dead)
      await eventually(heard, isDead, 'it is published still')
      // They wait at its door, and are the first that it sees.
      waiting = Array.from({ length: 20 }, () => tokenAt(sleeper))
      await new Promise((resolve) => setTimeout(resolve, 300))
    } finally {
      sleeper.process.kill('SIGCONT')
    }
    const tokens = await Promise.all(waiting)
    const holds = verifies(await keySetOf(replica(0)))
    for (const token of tokens) {
      expect(headerOf(token).kid).to.not.equal(dead)
      expect(await holds(token)).to.equal(true)
    }
    expect((await keySetOf(sleeper)).keys.map(({ kid }) => kid)).to.not.include(dead)
    await reconcile(fleet)
  })
})

async function inDatabase({ databaseUrl }: Fleet, sql: string): Promise<void> {
  const client = new pg.Client(databaseUrl)
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
