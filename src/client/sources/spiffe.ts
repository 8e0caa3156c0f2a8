/**
 * SPIFFE: the file that spiffe-helper keeps fresh (github.com/spiffe/spiffe-helper, `jwt_svids`). The Workload API itself
 * speaks gRPC, which would be a dependency.
 */
import { SubjectTokenError } from '../federation-error.ts'
import type { SubjectTokenSource } from '../subject-token.ts'
import { projectedTokenFile } from './kubernetes.ts'
import { readTokenFile } from './read-token-file.ts'
import { audienceOf } from './unverified.ts'

const name = 'spiffe'
/** No variable for it is documented anywhere, so that it is one of ours. */
const variable = 'COUNTERSIGN_SPIFFE_TOKEN_FILE'

export const spiffe: SubjectTokenSource = {
  name,
  missing: `neither ${variable} nor SPIFFE_ENDPOINT_SOCKET is set`,
  whenExpired: 'spiffe-helper has stopped renewing it: it has to run beside this program, with daemon_mode = true',
  // The socket may be there for something else, where a token of Kubernetes was mounted for us.
  detect: async (here) =>
    Boolean(here.env[variable]) ||
    (Boolean(here.env.SPIFFE_ENDPOINT_SOCKET) && (await here.readFile(projectedTokenFile)) === undefined),
  async getSubjectToken({ audience }, here) {
    const helper = `jwt_svids = [{ jwt_audience = "${audience ?? 'https://HOST/orgs/NAME'}", jwt_svid_file_name = "countersign.jwt" }]`
    const path = here.env[variable]
    if (!path)
      throw new SubjectTokenError(
        name,
        'the Workload API is not spoken here, but the file that spiffe-helper writes is read',
        {
          code: 'platform_not_enabled',
          hint: `run spiffe-helper beside this program with \`${helper}\`, and set ${variable} to the file; or name another source with COUNTERSIGN_SOURCE`,
        },
      )
    const token = await readTokenFile(name, path, here)
    if (token === undefined)
      throw new SubjectTokenError(name, `there is no file ${path}`, {
        code: 'subject_token_missing',
        hint: `${variable} names it; spiffe-helper has to write it before this runs: \`${helper}\``,
      })
    const has = audienceOf(token)
    if (audience === undefined || has.length === 0 || has.includes(audience)) return { token }
    throw new SubjectTokenError(name, `the token in ${path} is for ${has.join(', ')}, and not for ${audience}`, {
      code: 'subject_token_misaddressed',
      hint: `set jwt_audience in the configuration of spiffe-helper: \`${helper}\`; or COUNTERSIGN_AUDIENCE to what it has`,
    })
  },
}
