import { SubjectTokenError } from '../federation-error.ts'
import type { SubjectTokenSource } from '../subject-token.ts'
import { audienceNeeded } from './audience-needed.ts'
import { audienceOf } from './unverified.ts'

const name = 'hcp-terraform'

/** HCP Terraform and Terraform Enterprise: the workspace's variables say for whom there are tokens. */
export const hcpTerraform: SubjectTokenSource = {
  name,
  missing: 'TFC_RUN_ID is not set',
  whenExpired: 'HCP Terraform gives each phase of a run one token, and never another: exchange it early in the phase',
  detect: ({ env }) => Boolean(env.TFC_RUN_ID),
  async getSubjectToken(ask, { env }) {
    const { audience } = ask
    const ours = env.TFC_WORKLOAD_IDENTITY_TOKEN_COUNTERSIGN
    if (ours?.trim()) return { token: ours }
    const hint = `set a variable of the workspace (category environment): TFC_WORKLOAD_IDENTITY_AUDIENCE_COUNTERSIGN = ${audience ?? 'URL OF THE ORGANIZATION'}`
    const token = env.TFC_WORKLOAD_IDENTITY_TOKEN
    if (!token?.trim())
      throw new SubjectTokenError(name, 'the run has no workload identity token', { code: 'permission_missing', hint })
    // The one without a tag may well be somebody else's, who could be reached with it.
    const has = audienceOf(token)
    if (has.length > 0 && !has.includes(audienceNeeded(name, ask)))
      throw new SubjectTokenError(
        name,
        `TFC_WORKLOAD_IDENTITY_TOKEN is for ${has.join(', ')}, and not for ${audience}`,
        {
          code: 'subject_token_misaddressed',
          hint,
        },
      )
    return { token }
  },
}
