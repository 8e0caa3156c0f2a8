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
/** ms. In this order: what a process has dated it does not date back. */
const errors = [-60_000, -900, 900, 60_000]
/** ms that clocks may differ by: docs/replicas.md. */
const allowed = 1_000

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
  /** So that it can be seen in a token. */
  const stepped = async (error: number) => {
    stepClock(wrong.process)
    const isOff = async () => {
      const { iat } = claimsIn(await tokenAt(wrong))
      return Math.abs(Number(iat) * 1000 - Date.now() - error) < 5_000
    }
    await eventually(heard, isOff, 'the clock did not step')
  }

  for (const error of errors)
    describe(`one of two is ${Math.abs(error)} ms ${error < 0 ? 'behind' : 'ahead'}`, () => {
      before(() => stepped(error))

      const pairs = () => [right, wrong].flatMap((by) => [right, wrong].map((of) => [by, of] as const))
      const errorOf = (one: Service) => (one === wrong ? error : 0)

      it('ends a single token, whoever minted it and whoever revokes it', async function () {
        this.timeout(60_000)
        for (const [by, of] of pairs()) {
          const token = await tokenAt(of)
          await everywhere(token, true)
          await revoke(by, token)
          await everywhere(token, false)
        }
      })

      it('ends all of an account that no clock too far ahead has dated, and nothing of later', async function () {
        this.timeout(60_000)
        for (const [by, of] of pairs()) {
          const token = await tokenAt(of)
          await revokeAll(by)
          const reaches = errorOf(of) - errorOf(by) <= allowed
          if (reaches) await everywhere(token, false)
          for (const at of fleet.replicas) {
            const later = await tokenAt(at)
            await everywhere(later, true)
            // Dated later than its clock says, because of the first time: the second time ends it all the same.
            if (reaches && at === of) await revokeAll(by).then(() => everywhere(later, false))
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
