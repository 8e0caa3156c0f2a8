/** Who calls, with the rights that they have now. Undefined: nobody, or somebody who is disabled. */
import type { Caller } from '../access/authority.ts'
import { accessOfUser } from '../accounts/recognize.ts'
import type { KeyHolder, Lookups, Members } from '../accounts/store.ts'

export type Callers = {
  ofKey(holder: KeyHolder): Promise<Caller | undefined>
  /** `reads`: what they show is for reading alone. */
  user(id: string, reads: boolean): Promise<Caller | undefined>
  /** `bound`: they have proven to hold a key, where the account asks for that. */
  account(id: string, reads: boolean, bound?: boolean): Promise<Caller | undefined>
}

type Needs = { lookups: Pick<Lookups, 'account' | 'user'>; members: Pick<Members, 'ofUser'> }

export function createCallers({ lookups, members }: Needs): Callers {
  const user: Callers['user'] = async (id, reads) => {
    const found = await lookups.user(id)
    if (!found) return undefined
    const { user, org } = found
    const teams = new Map((await members.ofUser(id)).map(({ teamId, role }) => [teamId, role]))
    const readOnly = reads || accessOfUser(user) === 'read'
    return { type: 'user', readOnly, id, name: user.name, orgId: user.orgId, org, role: user.role, teams }
  }
  const account: Callers['account'] = async (id, reads, bound = false) => {
    const found = await lookups.account(id)
    if (!found?.account.enabled || (found.account.dpopBound && !bound)) return undefined
    const { name, orgId, admin, teamId, access } = found.account
    const readOnly = reads || access === 'read'
    return { type: 'service_account', readOnly, id, name, orgId, org: found.org, admin, bound, teamId }
  }
  return {
    user,
    account,
    async ofKey({ org, user: person, account: machine, resourceServer }) {
      if (person) return user(person.id, false)
      if (machine) return account(machine.id, false)
      if (!resourceServer) return undefined
      const { id, name, orgId, audience } = resourceServer
      return { type: 'resource_server', id, name, orgId, org, audience }
    },
  }
}
