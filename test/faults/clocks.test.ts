/** The clock of one of two replicas steps: what was ended stays ended, what was used stays used. */
import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import { installing } from '../support/program.ts'
import { call, type Service } from '../support/server.ts'
import { stepClock, steppingClock } from '../support/stepping-clock.ts'
import { claimsIn, must } from '../support/world.ts'
import { singleUse } from './single-use.ts'
import { activeAt, ask, eventually, type Fleet, reconcile, startFleet } from './support.ts'

/** ms. Until all know of a deed. */
const heard = 5_000
/** ms: minutes behind and ahead, and more than anybody looks back for news. */
const errors = [-60_000, -1_500, 1_500, 600_000]

describe('faults/clocks', () => {
  let fleet: Fleet
  let right: Service
  let wrong: Service
  before(async function () {
    this.timeout(installing)
    fleet = await startFleet({ replicas: 1, env: { LIMIT_FAILED_PER_MINUTE: '0' } })
    right = fleet.replicas[0] as Service
    wrong = await fleet.startReplica(steppingClock(errors))
    fleet.replicas.push(wrong)
    await singleUse(fleet)
  })
  after(() => fleet?.close())

  /** Good by either clock. */
  const times = () => {
    const iat = Math.floor(Date.now() / 1000) - 120
    return { jti: randomUUID(), iat, exp: iat + 900 }
  }
  const once = () => fleet.provider.token({ aud: 'once', sub: 'job-once', ...times() })
  const tokenAt = async (at: Service): Promise<string> =>
    String((await ask(fleet, at, fleet.world.token(times())))?.body.access_token)
  const kidOf = (jwt: string) =>
    (JSON.parse(Buffer.from(String(jwt.split('.')[0]), 'base64url').toString()) as { kid: string }).kid
  const everywhere = async (jwt: string, active: boolean) => {
    for (const at of fleet.replicas)
      await eventually(heard, async () => (await activeAt(fleet, at, jwt)) === active, `active is not ${active}`)
  }
  const revoke = async (at: Service, token: string) =>
    expect((await call(at, 'POST', '/oauth/revoke', { form: { token } })).status).to.equal(200)
  const revokeAll = (at: Service) => {
    const path = `${fleet.world.path}${fleet.world.accounts}/${fleet.world.account.id}/revoke`
    return must(call(at, 'POST', path, { secret: fleet.world.adminKey }))
  }
  /** Until it goes by the clock of the database again; `said`: by how much its own is off, where that is worth saying. */
  const stepped = async (error: number) => {
    const before = wrong.lines.length
    stepClock(wrong.process)
    const isSaid = () =>
      wrong.lines
        .slice(before)
        .some(({ off_ms, msg }) =>
          error === 0 ? /right again/.test(String(msg)) : Math.abs(Number(off_ms) - error) < 200,
        )
    const mintsOn = async () => {
      // By a wrong clock still, some of them: none of later is to be dated by that.
      await tokenAt(wrong)
      return isSaid()
    }
    await eventually(heard, mintsOn, 'nothing was said of its clock')
    const { iat } = claimsIn(await tokenAt(wrong))
    expect(Math.abs(Number(iat) * 1000 - Date.now())).to.be.below(5_000)
  }

  for (const error of errors)
    describe(`one of two is ${Math.abs(error)} ms ${error < 0 ? 'behind' : 'ahead'}`, () => {
      before(() => stepped(error))

      const pairs = () => [right, wrong].flatMap((by) => [right, wrong].map((of) => [by, of] as const))

      it('ends a single token, whoever minted it and whoever revokes it', async function () {
        this.timeout(60_000)
        for (const [by, of] of pairs()) {
          const token = await tokenAt(of)
          await everywhere(token, true)
          await revoke(by, token)
          await everywhere(token, false)
        }
      })

      it('ends all of an account, and nothing of later', async function () {
        this.timeout(60_000)
        for (const [by, of] of pairs()) {
          const token = await tokenAt(of)
          await revokeAll(by)
          await everywhere(token, false)
          for (const at of fleet.replicas) {
            const later = await tokenAt(at)
            await everywhere(later, true)
            // Dated later than any clock says, because of the first time: the second time ends it all the same.
            if (at === of) await revokeAll(by).then(() => everywhere(later, false))
          }
        }
      })

      it('lets a single-use token in once', async () => {
        for (const [first, second] of pairs()) {
          const assertion = once()
          expect((await ask(fleet, first, assertion))?.status).to.equal(200)
          expect((await ask(fleet, second, assertion))?.body.reason).to.equal('token_replayed')
        }
      })

      it('signs with no key that was withdrawn, whoever did that', async function () {
        this.timeout(60_000)
        for (const at of fleet.replicas) {
          const token = await tokenAt(right)
          const rotated = { secret: at.operatorKey, json: { emergency: true } }
          await must(call(at, 'POST', '/api/v1/signing-keys/rotate', rotated))
          await everywhere(token, false)
          for (const one of fleet.replicas) {
            const fresh = await tokenAt(one)
            expect(kidOf(fresh)).to.not.equal(kidOf(token))
            await everywhere(fresh, true)
          }
        }
      })
    })

  describe('both are right again', () => {
    it('forget nothing', async function () {
      this.timeout(60_000)
      const assertion = once()
      expect((await ask(fleet, wrong, assertion))?.status).to.equal(200)
      const token = await tokenAt(right)
      await revoke(wrong, token)
      await stepped(0)
      await everywhere(token, false)
      for (const at of fleet.replicas) expect((await ask(fleet, at, assertion))?.body.reason).to.equal('token_replayed')
      await everywhere(await tokenAt(wrong), true)
      await reconcile(fleet)
    })
  })
})
