/** A service account before it is made: what a form holds, and the deed in the words of the API, the command line and the file. */
import { isId, slugForm } from '../../../protocol/ids.ts'
import { quoted, word } from '../../parts/quoted.ts'
import { yamlOf } from '../../parts/yaml.ts'
import type { Access, Method } from '../../wire/shapes.ts'

export type Draft = {
  name: string
  scope: 'organization' | 'team'
  /** Parent team, or default team of one that is organization-scoped. */
  team: string
  method: Method
  access: Access
  tokenTtl: number
  description: string
  admin: boolean
  dpop: boolean
}

export const emptyDraft: Draft = {
  name: '',
  scope: 'organization',
  team: '',
  method: 'api_key',
  access: 'write',
  tokenTtl: 900,
  description: '',
  admin: false,
  dpop: false,
}

/** What is made of free text: `Nightly reports` → `nightly-reports`. */
export const slugOf = (text: string): string =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, '-')
    .replace(/^[-_]+|-+$/g, '')
    .slice(0, 64)

/** What is wrong with a name, before anybody is asked. */
export function nameFault(name: string): string | undefined {
  if (name === '') return undefined
  if (!slugForm.test(name)) return 'Use a-z, 0-9, - and _; begin with a letter or digit; at most 64'
  return isId(name) ? 'It has the form of an id, which an address takes too' : undefined
}

/** Without what is so by default. */
const chosen = ({ access, admin, tokenTtl, dpop, description }: Draft) => ({
  ...(access === 'write' ? {} : { access }),
  ...(admin ? { admin } : {}),
  ...(tokenTtl === 900 ? {} : { token_ttl: tokenTtl }),
  ...(dpop ? { dpop_bound_access_tokens: true } : {}),
  ...(description.trim() === '' ? {} : { description: description.trim() }),
})

/** An organization-scoped account is Built-in, always. */
export const methodOf = ({ scope, method }: Draft): Method => (scope === 'organization' ? 'api_key' : method)

export const bodyOf = (draft: Draft) => ({
  name: draft.name,
  ...(draft.scope === 'organization' ? { default_team: draft.team } : { method: draft.method }),
  ...chosen(draft),
})

/** Below /api/v1. */
export const collectionOf = (org: string, { scope, team }: Pick<Draft, 'scope' | 'team'>): string =>
  scope === 'organization' ? `/orgs/${org}/service-accounts` : `/orgs/${org}/teams/${team}/service-accounts`

const durationOf = (seconds: number) =>
  seconds % 3600 === 0 ? `${seconds / 3600}h` : seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`

/** What stands for a member that is not filled in yet. */
const or = (text: string, placeholder: string) => (text === '' ? placeholder : text)

export function cliOf(draft: Draft): string {
  const name = or(draft.name, 'NAME')
  const team = or(draft.team, 'TEAM')
  const { access, admin, token_ttl, dpop_bound_access_tokens, description } = chosen(draft)
  return [
    `countersign sa create ${draft.scope === 'organization' ? name : `${team}/${name}`}`,
    draft.scope === 'organization' ? `--default-team ${team}` : '',
    methodOf(draft) === 'federated' ? '--method federated' : '',
    access ? `--access ${access}` : '',
    token_ttl ? `--token-ttl ${durationOf(token_ttl)}` : '',
    description ? `--description ${description.includes('\n') ? quoted(description) : word(description)}` : '',
    admin ? '--admin' : '',
    dpop_bound_access_tokens ? '--dpop' : '',
  ]
    .filter((part) => part !== '')
    .join(' \\\n  ')
}

/** As the organization's file has it. */
export function fileOf(org: string, draft: Draft): string {
  const name = or(draft.name, 'NAME')
  const team = or(draft.team, 'TEAM')
  if (draft.scope === 'organization')
    return yamlOf({ organization: org, service_accounts: { [name]: { default_team: team, ...chosen(draft) } } })
  const account = { method: draft.method, ...chosen(draft) }
  return yamlOf({ organization: org, teams: { [team]: { service_accounts: { [name]: account } } } })
}

type Used = { scope: 'organization' | 'team'; team: string | null; name: string; method: Method }

/** How a workload becomes the account. `url`: the organization's. */
export function sdkOf(url: string, { team, name, method }: Used): string {
  const federated = method === 'federated'
  return `import { createTokenProvider } from '@countersign/client'

// ${federated ? 'The platform that the job runs on says who it is; no secret is stored.' : "COUNTERSIGN_API_KEY is in the job's environment, from where its secrets are kept."}
const tokens = createTokenProvider({
  url: '${url}',${federated ? `\n  serviceAccount: '${or(team ?? '', 'TEAM')}/${or(name, 'NAME')}',` : ''}
})

// Sends an access token, and a fresh one when it is time.
const answer = await tokens.fetch('https://tracker.example/runs')`
}

export function shellOf(url: string, { team, name, method }: Used): string {
  if (method === 'api_key')
    return `# COUNTERSIGN_API_KEY holds the key
curl -u "api:$COUNTERSIGN_API_KEY" ${quoted(`${url.slice(0, url.lastIndexOf('/orgs/'))}/oauth/token`)} \\
  -d grant_type=client_credentials`
  return `# JOB_TOKEN: what the platform signed for the audience ${url}
curl ${quoted(`${url.slice(0, url.lastIndexOf('/orgs/'))}/oauth/token`)} \\
  -d grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer \\
  --data-urlencode "assertion=$JOB_TOKEN" \\
  -d service_account=${team}/${name}`
}
