/**
 * The set-up link: works once, and for an hour. It is for an installation without an organization and without an
 * operator's key; a later start makes a new link as long as that is so.
 */
import { hash, randomBytes } from 'node:crypto'
import type { JsonObject } from '../../protocol/json.ts'
import type { Origin } from '../audit/origin.ts'
import { Refusal } from '../errors/refusal.ts'
import type { Stores } from '../storage/storage.ts'
import { foundOrganization } from './organizations.ts'
import type { Perform } from './perform.ts'

export type FirstOrganization = { name: string; first_admin: { username: string; email: string } }
export type Setup = {
  /** A fresh secret when the installation needs setting up; undefined when it does not. */
  offer(): Promise<string | undefined>
  /** Throws Refusal('setup_link_invalid'). */
  check(secret: string): Promise<void>
  /** Makes the organization and its admin, and spends the link, in one transaction. */
  finish(secret: string, body: FirstOrganization, origin: Origin): Promise<JsonObject>
}

const name = 'setup_link'
const life = 3_600_000
type Needs = {
  writing: Pick<Stores, 'values'>
  reading: Pick<Stores, 'organizations' | 'values'>
  perform: Perform
  now: () => number
}

export function createSetup({ writing, reading, perform, now }: Needs): Setup {
  /** Also refuses where an organization has come into being by the operator's key meanwhile. */
  const judge = async ({ values, organizations }: Pick<Stores, 'values' | 'organizations'>, secret: string) => {
    const [digest, madeAt] = ((await values.get(name)) ?? '').split(' ')
    const isGood = digest === digestOf(secret) && Number(madeAt) + life > now() && (await organizations.count({})) === 0
    if (!isGood) throw new Refusal('setup_link_invalid')
  }
  return {
    async offer() {
      if ((await reading.organizations.count({})) > 0) return undefined
      const secret = randomBytes(32).toString('base64url')
      await writing.values.set(name, `${digestOf(secret)} ${now()}`)
      return secret
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

const digestOf = (secret: string) => hash('sha256', secret, 'hex')
