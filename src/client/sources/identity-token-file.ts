import { SubjectTokenError } from '../federation-error.ts'
import type { SubjectTokenSource } from '../subject-token.ts'
import { readTokenFile, shownPath } from './read-token-file.ts'

/** A file that something else keeps fresh; read anew each time. */
export const identityTokenFile: SubjectTokenSource = {
  name: 'identity-token-file',
  missing: 'COUNTERSIGN_IDENTITY_TOKEN_FILE is not set',
  whenExpired:
    'whatever writes the file that COUNTERSIGN_IDENTITY_TOKEN_FILE names has stopped writing: it has to put a new token there before the old one ends',
  detect: ({ env }) => Boolean(env.COUNTERSIGN_IDENTITY_TOKEN_FILE?.trim()),
  async getSubjectToken(_ask, here) {
    const path = here.env.COUNTERSIGN_IDENTITY_TOKEN_FILE?.trim()
    if (!path)
      throw new SubjectTokenError('identity-token-file', 'COUNTERSIGN_IDENTITY_TOKEN_FILE is not set', {
        code: 'subject_token_missing',
      })
    const token = await readTokenFile('identity-token-file', path, here)
    if (token === undefined)
      throw new SubjectTokenError('identity-token-file', `there is no file ${shownPath(path)}`, {
        code: 'subject_token_missing',
        hint: 'COUNTERSIGN_IDENTITY_TOKEN_FILE names it; whatever writes it has to run before this (a token itself goes into COUNTERSIGN_IDENTITY_TOKEN)',
      })
    return { token }
  },
}
