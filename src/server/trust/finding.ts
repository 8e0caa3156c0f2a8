/** What lint has to say of a policy or an issuer. */
import type { JsonObject } from '../../protocol/json.ts'

export const severities = ['error', 'warn', 'info'] as const
/** `error` refuses the save, unless it is overridden with a reason. */
export type Severity = (typeof severities)[number]

/**
 * `rule`: `LR01` to `LR48`, and what we add to them. `message`: one sentence. `better`: the members of the policy (or
 * issuer) that would mend it, as the API takes them; placeholders of what only the admin knows stand in `<angle brackets>`.
 */
export type Finding = { severity: Severity; rule: string; message: string; better?: JsonObject }
