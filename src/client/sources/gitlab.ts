import { SubjectTokenError } from '../federation-error.ts'
import type { SubjectTokenSource } from '../subject-token.ts'

const name = 'gitlab'

/** GitLab CI: the job's file names its tokens, and they come with the job. */
export const gitlab: SubjectTokenSource = {
  name,
  missing: 'GITLAB_CI is not "true"',
  whenExpired: 'GitLab ID tokens live as long as the job; exchange early or raise the TTL',
  detect: ({ env }) => env.GITLAB_CI === 'true',
  async getSubjectToken({ audience }, { env }) {
    const names = ['COUNTERSIGN_ID_TOKEN', ...(audience ? [variableFor(audience)] : [])]
    const token = names.map((one) => env[one]).find((value) => value?.trim())
    if (token) return { token }
    throw new SubjectTokenError(name, `the job has no ID token for us (${names.join(', ')})`, {
      code: 'permission_missing',
      hint: `add to the job: id_tokens: { COUNTERSIGN_ID_TOKEN: { aud: '${audience ?? 'URL OF THE ORGANIZATION'}' } }`,
    })
  },
}

/** By the convention that other clients have: `sigstore` is SIGSTORE_ID_TOKEN. */
function variableFor(audience: string): string {
  return `${audience.toUpperCase().replace(/[^A-Z0-9_]|^[^A-Z_]/g, '_')}_ID_TOKEN`
}
