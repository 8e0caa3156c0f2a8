import { SubjectTokenError } from '../federation-error.ts'
import type { SubjectTokenSource } from '../subject-token.ts'

/** A token in the environment, for a job that is shorter than it. */
export const identityToken: SubjectTokenSource = {
  name: 'identity-token',
  missing: 'COUNTERSIGN_IDENTITY_TOKEN is not set',
  whenExpired:
    'the environment of a process does not change: where a job outlives its token, give it a file by COUNTERSIGN_IDENTITY_TOKEN_FILE',
  detect: ({ env }) => Boolean(env.COUNTERSIGN_IDENTITY_TOKEN?.trim()),
  async getSubjectToken(_ask, { env }) {
    const token = env.COUNTERSIGN_IDENTITY_TOKEN
    if (!token?.trim())
      throw new SubjectTokenError('identity-token', 'COUNTERSIGN_IDENTITY_TOKEN is not set', {
        code: 'subject_token_missing',
      })
    return { token }
  },
}
