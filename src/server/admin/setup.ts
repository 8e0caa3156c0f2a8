/**
 * The set-up link: works once, and for an hour. It is for an installation without an organization and without an
 * operator's key; a later start makes a new link as long as that is so. Of several replicas each has its own, and any of
 * them will do, until one is used.
 */
import { hash, randomBytes } from 'node:crypto'
import type { JsonObject } from '../../protocol/json.ts'
import type { Origin } from '../audit/origin.ts'
import { Refusal } from '../errors/refusal.ts'
import type { Storage, Stores } from '../storage/storage.ts'
import { foundOrganization } from './organizations.ts'
import type { Perform } from './perform.ts'

export type FirstOrganization = { name: string; first_admin: { username: string; email: string } }
export type Setup = {
  /** A fresh secret when the installation needs setting up; undefined when it does not. */
  offer(): Promise<string | undefined>
  /** Whether there is a link that would do. */
  isWaitedFor(): Promise<boolean>
  /** Throws Refusal('setup_link_invalid'). */
  check(secret: string): Promise<void>
  /** Makes the organization and its admin, and spends the link, in one transaction. */
  finish(secret: string, body: FirstOrganization, origin: Origin): Promise<JsonObject>
}

const name = 'setup_link'
const life = 3_600_000
/** That many replicas may have one. */
const mostLinks = 50
type Needs = {
  storage: Pick<Storage, 'transaction' | 'sealing'>
  reading: Pick<Stores, 'organizations' | 'values'>
  perform: Perform
  now: () => number
}

export function createSetup({ storage, reading, perform, now }: Needs): Setup {
  /** Also refuses where an organization has come into being by the operator's key meanwhile. */
  const judge = async ({ values, organizations }: Pick<Stores, 'values' | 'organizations'>, secret: string) => {
    const links = livingIn(await values.get(name), now())
    const isGood = links.some((link) => link.startsWith(digestOf(secret))) && (await organizations.count({})) === 0
    if (!isGood) throw new Refusal('setup_link_invalid')
  }
  return {
    async offer() {
      if ((await reading.organizations.count({})) > 0) return undefined
      const secret = randomBytes(32).toString('base64url')
      await storage.transaction(async ({ values }) => {
        const others = storage.sealing ? livingIn(await values.get(name), now()) : []
        await values.set(name, [...others, `${digestOf(secret)} ${now()}`].slice(-mostLinks).join('\n'))
      })
      return secret
    },
    async isWaitedFor() {
      if (livingIn(await reading.values.get(name), now()).length === 0) return false
      return (await reading.organizations.count({})) === 0
    },
    check: (secret) => judge(reading, secret),
    async finish(secret, body, origin) {
      const made = await perform({ actor: { type: 'operator', name: 'set-up link' }, ...origin }, async (work) => {
        await judge(work.stores, secret)
        await work.stores.values.remove(name)
        return foundOrganization(work, body)
      })
      return made.shown
    },
  }
}

/** One a line: the digest of its secret, and when it was made (ms). */
const livingIn = (kept: string | undefined, now: number): string[] =>
  (kept ?? '').split('\n').filter((link) => Number(link.split(' ')[1]) + life > now)

const digestOf = (secret: string) => hash('sha256', secret, 'hex')
