import { SubjectTokenError } from '../federation-error.ts'
import type { SubjectTokenSource } from '../subject-token.ts'

/** A key of ours, for where no platform says who a workload is. */
export const apiKey: SubjectTokenSource = {
  name: 'api-key',
  missing: 'COUNTERSIGN_API_KEY is not set',
  detect: ({ env }) => Boolean(env.COUNTERSIGN_API_KEY?.trim()),
  async getSubjectToken(_ask, { env }) {
    const token = env.COUNTERSIGN_API_KEY
    if (!token?.trim())
      throw new SubjectTokenError('api-key', 'COUNTERSIGN_API_KEY is not set', { code: 'subject_token_missing' })
    return { token, type: 'api_key' }
  },
}
