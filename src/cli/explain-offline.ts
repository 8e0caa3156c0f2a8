/** Explain, by an organization's file alone: nobody is asked, and no signature is checked. */
import type { JsonObject } from '../protocol/json.ts'
import { byItself } from '../server/admin/issuers.ts'
import { explainOffline } from '../server/exchange/explain-offline.ts'
import type { OrganizationDocument } from '../server/files/document.ts'
import { pathText } from '../server/files/fault.ts'
import { judgeDocument } from '../server/files/judge-document.ts'
import { readYaml } from '../server/files/read.ts'
import { loadPresets } from '../server/presets.ts'
import { misuse } from './failure.ts'
import { fileText } from './file-text.ts'
import type { Session } from './session.ts'

type Asked = { sa?: string; scope?: string; resource?: string }

export async function offline(session: Session, file: string, shown: string, { sa, scope, resource }: Asked) {
  const document = await documentIn(session, file)
  const presets = loadPresets()
  const ask = {
    targets: resource === undefined ? [] : [resource],
    ...(sa === undefined ? {} : { serviceAccount: sa }),
    ...(scope === undefined ? {} : { scope }),
  }
  const answer = await explainOffline(shown, ask, {
    document,
    publicUrl: session.aim().url,
    maxTokenAgeOf: ({ issuer, preset }) => byItself(presets, issuer, preset).maxTokenAge,
    now: session.io.now,
    stopwatch: () => performance.now(),
  })
  return answer as unknown as JsonObject
}

async function documentIn({ io }: Session, file: string): Promise<OrganizationDocument> {
  const read = readYaml(await fileText(io, file))
  const judged = read.ok ? await judgeDocument(read.value) : read
  if ('document' in judged) return judged.document
  const [fault] = judged.ok ? [] : judged.faults
  const where = fault && fault.path.length > 0 ? `${pathText(fault.path)}: ` : ''
  throw misuse(`${file}: ${where}${fault?.message}`, 'countersign validate says all that is wrong with it, and where')
}
