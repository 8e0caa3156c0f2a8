import { loadCel } from '../trust/cel.ts'
import { compilePolicy } from '../trust/compile.ts'
import { type FilePolicy, type OrganizationDocument, organizationDocument } from './document.ts'
import { type Fault, faultsOf, type Path } from './fault.ts'

export type JudgedDocument = { ok: true; document: OrganizationDocument } | { ok: false; faults: readonly Fault[] }

/** As many as anybody mends at once. */
const mostFaults = 100

/**
 * A value that somebody wrote, as a document with every default filled in, whose policies all compile. Of a fault in an
 * expression, `line` and `column` are those within it.
 */
export async function judgeDocument(value: unknown): Promise<JudgedDocument> {
  const hidden = hiddenIn(value, [])
  if (hidden) return { ok: false, faults: [{ path: hidden, message: 'this name is not taken' }] }
  const parsed = organizationDocument.safeParse(value)
  if (!parsed.success) return { ok: false, faults: faultsOf(value, parsed.error.issues).slice(0, mostFaults) }
  const document = parsed.data
  const faults = await uncompilable(document)
  return faults.length === 0 ? { ok: true, document } : { ok: false, faults: faults.slice(0, mostFaults) }
}

/** A name that JSON takes and that would be lost on the way. */
function hiddenIn(value: unknown, path: Path): Path | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (Object.hasOwn(value, '__proto__')) return [...path, '__proto__']
  for (const [name, inner] of Object.entries(value)) {
    const found = hiddenIn(inner, [...path, name])
    if (found) return found
  }
  return undefined
}

async function uncompilable(document: OrganizationDocument): Promise<Fault[]> {
  const policies = [...policiesIn(document)]
  const cel = policies.some(({ policy }) => policy.cel !== undefined) ? await loadCel() : undefined
  return policies.flatMap(({ path, policy }) => {
    const made = compilePolicy({ ...policy, cel: policy.cel ?? null, id: '', name: '', issuerId: '' }, cel)
    if (made.ok) return []
    return made.faults.map(({ path: within, ...fault }) => ({ ...fault, path: [...path, ...within.split('.')] }))
  })
}

export function* policiesIn({ teams }: OrganizationDocument): Iterable<{ path: string[]; policy: FilePolicy }> {
  for (const [team, { service_accounts }] of Object.entries(teams))
    for (const [account, { trust_policies }] of Object.entries(service_accounts))
      for (const [name, policy] of Object.entries(trust_policies))
        yield { path: ['teams', team, 'service_accounts', account, 'trust_policies', name], policy }
}

/** How many of each it has. */
export function countsOf(document: OrganizationDocument): Record<string, number> {
  const teams = Object.values(document.teams)
  const count = (...maps: object[]) => maps.reduce((sum, map) => sum + Object.keys(map).length, 0)
  return {
    issuers: count(document.issuers),
    teams: teams.length,
    projects: count(...teams.map(({ projects }) => projects)),
    service_accounts: count(document.service_accounts, ...teams.map(({ service_accounts }) => service_accounts)),
    trust_policies: [...policiesIn(document)].length,
    resource_servers: count(document.resource_servers),
  }
}
