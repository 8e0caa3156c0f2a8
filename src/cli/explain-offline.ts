/** Explain, by an organization's file alone: nobody is asked, and no signature is checked. */
import type { JsonObject } from '../protocol/json.ts'
import { byItself } from '../server/admin/issuers.ts'
import { explainOffline } from '../server/exchange/explain-offline.ts'
import { loadPresets } from '../server/presets.ts'
import { readOrganization } from './files/read-file.ts'
import type { Session } from './session.ts'

type Asked = { sa?: string; scope?: string; resource?: string }

export async function offline(session: Session, file: string, shown: string, { sa, scope, resource }: Asked) {
  const { document } = await readOrganization(session, file)
  const presets = loadPresets()
  const ask = {
    targets: resource === undefined ? [] : [resource],
    ...(sa === undefined ? {} : { serviceAccount: sa }),
    ...(scope === undefined ? {} : { scope }),
  }
  const answer = await explainOffline(shown, ask, {
    document,
    publicUrl: session.aim().url,
    // As it would be applied: null is none (files/members.ts).
    maxTokenAgeOf: ({ issuer, preset }) => byItself(presets, preset === null ? '' : issuer, preset).maxTokenAge,
    now: session.io.now,
    stopwatch: () => performance.now(),
  })
  return answer as unknown as JsonObject
}
