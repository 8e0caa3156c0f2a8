import { SubjectTokenError } from '../federation-error.ts'
import type { SubjectTokenSource } from '../subject-token.ts'
import { audienceOf } from './unverified.ts'

const name = 'bitbucket'

/** Bitbucket Pipelines: the step says that it wants a token, and for whom. */
export const bitbucket: SubjectTokenSource = {
  name,
  missing: 'BITBUCKET_BUILD_NUMBER is not set',
  whenExpired: 'Bitbucket gives a step one token, and never another: exchange it early in the step',
  detect: ({ env }) => Boolean(env.BITBUCKET_BUILD_NUMBER),
  async getSubjectToken({ audience }, { env }) {
    const token = env.BITBUCKET_STEP_OIDC_TOKEN
    const want = `oidc: { audiences: ['${audience ?? 'URL OF THE ORGANIZATION'}'] }`
    if (!token?.trim())
      throw new SubjectTokenError(name, 'the step has no ID token (BITBUCKET_STEP_OIDC_TOKEN)', {
        code: 'permission_missing',
        hint: `add to the step in bitbucket-pipelines.yml: ${want} (\`oidc: true\` makes one for the workspace)`,
      })
    const has = audienceOf(token)
    if (!audience || has.includes(audience)) return { token }
    const list = has.join(', ')
    // By itself it is for the workspace, and so for whoever trusts it; a name that somebody chose is one that is not ours.
    if (!has.some((one) => one.startsWith('ari:cloud:bitbucket::workspace/')))
      throw new SubjectTokenError(name, `the token of the step is for ${list || 'nobody'}, and not for ${audience}`, {
        code: 'subject_token_misaddressed',
        hint: `say in the step whom it is for, up to ten: ${want}`,
      })
    const hint = `the token is for the workspace: let the issuer accept ${list} and set COUNTERSIGN_AUDIENCE to it, or have one made for us: ${want}`
    return { token, hint }
  },
}
