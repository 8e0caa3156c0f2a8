import type { User } from '../accounts/model.ts'
import type { Stores } from '../storage/storage.ts'

const ascii = /^[\x21-\x7e]+$/

/**
 * Whether the user has this e-mail address. Letter case does not count, but in ASCII alone: elsewhere two addresses of two
 * people may become one in lower case (the Kelvin sign is a k).
 */
export const isPersons = ({ email }: Pick<User, 'email'>, verified: string): boolean =>
  email === verified || (ascii.test(email) && ascii.test(verified) && email.toLowerCase() === verified.toLowerCase())

/** As whom somebody with this verified e-mail address is known, in every organization. */
export const createUsersOf =
  ({ sessions, organizations }: Pick<Stores, 'sessions' | 'organizations'>) =>
  async (email: string): Promise<readonly (User & { org: string })[]> => {
    const users = (await sessions.usersOf(email)).filter((user) => isPersons(user, email))
    const orgs = await Promise.all(users.map(({ orgId }) => organizations.find({}, orgId)))
    return users.flatMap((user, i) => (orgs[i] ? [{ ...user, org: orgs[i].name }] : []))
  }
