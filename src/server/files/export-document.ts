/** The file that an organization would come from: without what is so by default, by name, so that two of them compare. */
import { stringify } from 'yaml'
import type { JsonObject } from '../../protocol/json.ts'
import { byItself } from '../admin/issuers.ts'
import { type OrganizationFile, organizationDocument } from './document.ts'
import { isSame, placeInFile, type Surroundings, type There, thereIn, wantedIn } from './members.ts'
import type { Rows } from './rows.ts'

type Branch = { [name: string]: Branch | JsonObject[string] }

export function exportDocument(rows: Rows, around: Surroundings): OrganizationFile {
  const there = [...thereIn(rows).values()].sort((a, b) => (a.path < b.path ? -1 : 1))
  const document: Branch = { organization: around.org.name }
  for (const collection of ['issuers', 'teams', 'service_accounts', 'resource_servers']) document[collection] = {}
  for (const one of there) branchAt(document, placeInFile(one.path), { ...written(one), ...presetOf(one, around) })
  const byDefault = wantedIn(organizationDocument.parse(document), around)
  for (const one of there) {
    const plain = byDefault.get(one.path)?.members ?? {}
    const differing = Object.entries(one.members).filter(
      ([member, value]) => !isAlways(one, member) && !isSame(value, plain[member]),
    )
    for (const [member, value] of differing) branchAt(document, [...placeInFile(one.path), member], value)
  }
  return ordered(withoutEmpty(document)) as OrganizationFile
}

/** What every file says of it. */
const always: Partial<Record<There['kind'], readonly string[]>> = {
  issuer: ['issuer'],
  project: ['visibility'],
  service_account: ['method', 'default_team'],
  trust_policy: ['issuer', 'subject'],
  resource_server: ['audience'],
}
/** An account of the organization is Built-in, and does not say so. */
const isAlways = ({ kind, members }: There, member: string) =>
  (always[kind]?.includes(member) ?? false) || (member === 'method' && members.default_team !== undefined)

const written = ({ kind, under, members }: There): JsonObject =>
  Object.fromEntries(
    (always[kind] ?? [])
      .filter((member) => members[member] !== undefined && !(member === 'method' && under === undefined))
      .map((member) => [member, members[member] ?? null]),
  )

/** First, since other defaults follow from it. */
function presetOf({ kind, members }: There, { presets }: Surroundings): JsonObject {
  const { preset = null, issuer } = members
  return kind !== 'issuer' || preset === byItself(presets, String(issuer)).preset ? {} : { preset }
}

function branchAt(document: Branch, path: readonly string[], value: Branch[string]): void {
  let at = document
  for (const step of path.slice(0, -1)) {
    at[step] ??= {}
    at = at[step] as Branch
  }
  const last = path.at(-1) as string
  at[last] =
    typeof at[last] === 'object' && !Array.isArray(value) ? { ...(at[last] as Branch), ...(value as Branch) } : value
}

/** What an object is comes before what it holds. */
function ordered(value: Branch[string]): Branch[string] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const holds = (name: string) => Number(/^(?:projects|service_accounts|trust_policies)$/.test(name))
  const members = Object.entries(value as Branch).sort(([a], [b]) => holds(a) - holds(b))
  return Object.fromEntries(members.map(([name, inner]) => [name, ordered(inner)]))
}

function withoutEmpty(document: Branch): Branch {
  return Object.fromEntries(
    Object.entries(document).filter(([, value]) => typeof value !== 'object' || Object.keys(value ?? {}).length > 0),
  )
}

/** `schemaUrl`: what editors check it with. Texts that another reader might take for something else stand in quotes. */
export function yamlOf(document: OrganizationFile, schemaUrl: string): string {
  const options = { lineWidth: 0, aliasDuplicateObjects: false, compat: 'yaml-1.1' } as const
  return `# yaml-language-server: $schema=${schemaUrl}\n${stringify(document, options)}`
}
