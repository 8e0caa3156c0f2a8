import { ConfigError } from '../federation-error.ts'
import type { SubjectAsk } from '../subject-token.ts'

/** Whom to ask the platform for. Throws ConfigError when nobody has said. */
export function audienceNeeded(source: string, { audience }: SubjectAsk): string {
  if (audience) return audience
  throw new ConfigError(`${source} has to be told whom its token is for`, {
    code: 'audience_unknown',
    hint: "give the organization's URL (COUNTERSIGN_URL=https://HOST/orgs/NAME), or set COUNTERSIGN_AUDIENCE",
  })
}
