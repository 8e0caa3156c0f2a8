/** What is kept in files is changed there; by hand only when that is forced, and then it is on record. */
import type { Kept, Managed } from '../accounts/model.ts'
import { Refusal } from '../errors/refusal.ts'
import type { Registration } from '../issuers/model.ts'
import type { Work } from './perform.ts'

/** Throws Refusal('managed'). */
export function refuseManaged({ changing }: Pick<Work, 'changing'>, { managedBy }: Kept & Partial<Managed>): void {
  if (changing === 'by hand' && managedBy)
    throw new Refusal('managed', { says: `it is kept in ${managedBy}: change it there and apply, or give ?force=true` })
}

/**
 * Before an issuer is deleted, and the policies on it. Throws Refusal('managed') naming one that is in a file. Of all
 * else a file that names something names what it is in, too.
 */
export async function refuseManagedPolicies({ stores, changing }: Work, issuer: Registration): Promise<void> {
  if (changing !== 'by hand') return
  const { orgId, id: issuerId } = issuer
  let after: string | undefined
  do {
    const page = await stores.policies.list(
      { orgId, issuerId },
      { limit: 200, ...(after === undefined ? {} : { after }) },
    )
    const held = page.items.find(({ managedBy }) => managedBy !== null)
    if (held)
      throw new Refusal('managed', {
        says: `the trust policy ${held.name} on it is kept in ${held.managedBy}: change it there and apply, or give ?force=true`,
      })
    after = page.nextCursor ?? undefined
  } while (after !== undefined)
}
