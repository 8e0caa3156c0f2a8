import type { User } from '../accounts/model.ts'

const ascii = /^[\x21-\x7e]+$/

/**
 * Whether the user has this e-mail address. Letter case does not count, but in ASCII alone: elsewhere two addresses of two
 * people may become one in lower case (the Kelvin sign is a k).
 */
export const isPersons = ({ email }: Pick<User, 'email'>, verified: string): boolean =>
  email === verified || (ascii.test(email) && ascii.test(verified) && email.toLowerCase() === verified.toLowerCase())
