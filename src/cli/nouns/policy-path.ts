import type { Session } from '../session.ts'
import { accountPath } from './names.ts'
import type { Options } from './verbs.ts'

/** The policies of the account that `--sa` names, or one of them. */
export const policies = (session: Session, options: Options, ...below: string[]): Promise<string> =>
  accountPath(session, String(options.sa), options, 'trust-policies', ...below)
