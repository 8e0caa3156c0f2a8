/**
 * How a terminal is let in by a person with a browser, in the shape of RFC 8628: the terminal has a secret (the device
 * code) and shows a code; the person finds the login by that code, shows who they are, and approves; the terminal asks
 * until then, and gets an API key of theirs.
 * Rules: the key is made when the terminal asks, never kept; it is made once; it lives no longer than the key that the
 * approval was proven with, if it was with one, so that nobody prolongs what they were given; who approved is looked at
 * again when it is made.
 */
import { hash, randomBytes, randomInt } from 'node:crypto'
import { addressKey, type Failures } from '../accounts/failures.ts'
import { newLoginCode, readLoginCode } from '../accounts/login-code.ts'
import type { Organization, User } from '../accounts/model.ts'
import type { Origin } from '../audit/origin.ts'
import { Refusal } from '../errors/refusal.ts'
import type { Storage } from '../storage/storage.ts'
import { type ApproverProof, approverOf, stillApproverOf } from './approver.ts'
import { type CollectedKey, collectWithin, provenBy, startOf } from './collect-login.ts'
import type { Perform, Work } from './perform.ts'
import type { LoginDecision, PendingLogin } from './store.ts'

/** `clientName`: what the terminal calls itself; `keyLife`: seconds that the key is to live. */
export type LoginAsk = { clientName: string; keyLife: number }
/** Both codes, as they are said once; times in seconds. */
export type StartedLogin = { deviceCode: string; userCode: string; expiresIn: number; interval: number }
/** A login with its code as it is shown. */
export type WaitingLogin = PendingLogin & { userCode: string }

export type DeviceLogin = {
  /** Throws Refusal('rate_limited'). */
  start(ask: LoginAsk, origin: Origin): Promise<StartedLogin>
  /** Throws Refusal: login_code_unknown, rate_limited. */
  look(userCode: string, origin: Origin): Promise<WaitingLogin>
  /** By the digest of the API key that the person has shown, or by who they are. Throws Refusal as `look`; login_decided, unauthenticated. */
  approve(userCode: string, proof: ApproverProof, origin: Origin): Promise<{ user: User; org: Organization }>
  /** By whoever knows the code. Throws Refusal as `look`; login_decided. */
  deny(userCode: string, origin: Origin): Promise<void>
  /** Throws Refusal: login_pending, login_too_fast, login_expired, login_denied, rate_limited. */
  collect(deviceCode: string, origin: Origin): Promise<CollectedKey>
}

/** In seconds. RFC 8628 §3.2 and §3.5: a terminal that asks too often waits so much longer from then on. */
const life = 600
const interval = 5
/** ms: requests are never evenly apart. */
const jitter = 1_000
/** At once, of one address and in all: what is more can only be a flood. */
export const mostLogins = { ofAddress: 100, inAll: 10_000 }

type Needs = {
  storage: Pick<Storage, 'reading' | 'writing'>
  perform: Perform
  failures: Failures
  now: () => number
}

export function createDeviceLogin({ storage: { reading, writing }, perform, failures, now }: Needs): DeviceLogin {
  const countFailure = async (origin: Origin, what: string) => {
    if (await failures.count(`${addressKey(origin.client.ip)} ${what}`)) throw new Refusal('rate_limited')
  }
  const look = async (typed: string, origin: Origin): Promise<WaitingLogin> => {
    const userCode = readLoginCode(typed)
    const login = userCode && (await reading.logins.find({ userDigest: digestOf(userCode) }, now()))
    if (userCode && login) return { ...login, userCode }
    await countFailure(origin, 'login code')
    throw new Refusal('login_code_unknown')
  }
  /** In the transaction: of two who decide, one does. */
  const decide = async (work: Work, login: PendingLogin, decision: LoginDecision) => {
    if (!(await work.stores.logins.decide(login.userDigest, decision, work.now))) throw new Refusal('login_decided')
  }
  return {
    look,
    async start({ clientName, keyLife }, origin) {
      await countFailure(origin, 'login')
      const { ip, user_agent } = origin.client
      const at = now()
      const clientNet = addressKey(ip)
      const isFull =
        (await reading.logins.count(at, clientNet)) >= mostLogins.ofAddress ||
        (await reading.logins.count(at)) >= mostLogins.inAll
      if (isFull) throw new Refusal('rate_limited', { says: 'too many logins wait to be approved; try again later' })
      for (;;) {
        const deviceCode = randomBytes(32).toString('base64url')
        const userCode = newLoginCode(randomInt)
        const isFree = await writing.logins.start({
          ...undecided,
          deviceDigest: digestOf(deviceCode),
          userDigest: digestOf(userCode),
          clientName,
          clientIp: ip,
          clientNet,
          clientAgent: user_agent,
          startedAt: at,
          expiresAt: at + life * 1000,
          keyLife,
          interval,
          polledAt: null,
        })
        if (isFree) return { deviceCode, userCode, expiresIn: life, interval }
      }
    },
    async approve(typed, proof, origin) {
      const login = await look(typed, origin)
      const found = await approverOf(reading, proof, now())
      if (!found) throw new Refusal('unauthenticated')
      return perform({ actor: actorOf(found.user), ...origin }, async (work) => {
        const approver = await approverOf(work.stores, proof, work.now)
        if (!approver) throw new Refusal('unauthenticated')
        const { key, user, org } = approver
        const { client } = origin
        await decide(work, login, {
          decision: 'approved',
          decidedAt: work.now,
          decidedIp: client.ip,
          decidedAgent: client.user_agent,
          orgId: org.id,
          userId: user.id,
          keyId: key?.id ?? null,
        })
        await work.record('login.approve', { org }, targetOf(user), {
          ...startOf(login),
          ...provenBy(key),
        })
        return { user, org }
      })
    },
    async deny(typed, origin) {
      const login = await look(typed, origin)
      await perform({ actor: { type: 'workload' }, ...origin }, async (work) => {
        const { ip, user_agent } = origin.client
        await decide(work, login, {
          ...undecided,
          decision: 'denied',
          decidedAt: work.now,
          decidedIp: ip,
          decidedAgent: user_agent,
        })
        // Nobody has said who they are, so it is nobody's trail but the installation's.
        await work.record('login.deny', {}, { type: 'login' }, startOf(login))
        return {}
      })
    },
    async collect(deviceCode, origin) {
      const deviceDigest = digestOf(deviceCode)
      const at = now()
      const login = await reading.logins.find({ deviceDigest }, at)
      if (!login) {
        await countFailure(origin, 'device code')
        throw new Refusal('login_expired')
      }
      if (login.decision === 'pending') {
        const tooSoon = login.polledAt !== null && at - login.polledAt < login.interval * 1000 - jitter
        await writing.logins.polled(deviceDigest, at, tooSoon ? login.interval + interval : login.interval)
        throw new Refusal(tooSoon ? 'login_too_fast' : 'login_pending')
      }
      const approver = await stillApproverOf(reading, login, at)
      return perform({ actor: actorOf(approver.user), ...origin }, async (work) => collectWithin(work, login))
    },
  }
}

const undecided: LoginDecision = {
  decision: 'pending',
  decidedAt: null,
  decidedIp: null,
  decidedAgent: null,
  orgId: null,
  userId: null,
  keyId: null,
}
const digestOf = (code: string) => hash('sha256', code, 'hex')
const actorOf = ({ id, name }: User) => ({ type: 'user', id, name }) as const
const targetOf = ({ id, name }: User) => ({ type: 'user', id, name })
