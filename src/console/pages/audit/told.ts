/** An event as a sentence: who did what, to what. Pure: what is named may be shown as a link, or as plain text. */
import type { AuditEvent, Named } from '../../wire/shapes.ts'
import { changesOf } from './changes.ts'

/** Somebody or something, `text`: as the sentence calls it; `isGone`: it is no more since then. */
export type Mention = { what: Named; text: string; isGone?: boolean }
export type Part = string | Mention

export const nouns: Record<string, string> = {
  organization: 'organization',
  user: 'user',
  team: 'team',
  project: 'project',
  issuer: 'issuer',
  service_account: 'service account',
  api_key: 'API key',
  trust_policy: 'trust policy',
  resource_server: 'resource server',
  access_token: 'access token',
  operator_key: 'operator’s key',
  session: 'session',
  signing_key: 'signing key',
  installation: 'installation',
  login: 'terminal',
  workload: 'workload',
}

export function told(event: AuditEvent): Part[] {
  const [noun = '', deed = ''] = event.type.split('.')
  const special = sentences[event.type]
  if (special) return [who(event), ' ', ...special(event)]
  const usual = deeds[deed]
  return usual && noun in nouns ? [who(event), ' ', ...usual(event)] : [who(event), ` did ${event.type}`, ...at(event)]
}

export const plainOf = (parts: readonly Part[]): string =>
  parts.map((part) => (typeof part === 'string' ? part : part.text)).join('')

function who({ actor }: AuditEvent): Part {
  if (actor.type === 'operator') return 'The operator'
  if (actor.type === 'system') return actor.name === 'secret-scanning' ? 'Secret scanning' : 'Countersign'
  const text = actor.name ?? actor.id
  return text === undefined || text === '' ? 'Somebody unknown' : { what: actor, text }
}

/** ` the team ml`, as far as it is named. */
function at({ type, target }: AuditEvent): Part[] {
  if (!target) return []
  const noun = nouns[target.type] ?? target.type
  const text = target.name ?? (target.type === 'session' || target.type === 'access_token' ? undefined : target.id)
  if (text === undefined) return [` the ${noun}`]
  return [` the ${noun} `, { what: target, text, ...(type.endsWith('.delete') ? { isGone: true } : {}) }]
}
/** The same without what it is. */
const whom = ({ target }: AuditEvent): Part =>
  target ? { what: target, text: target.name ?? target.id ?? 'somebody' } : 'somebody'

const say = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** Whose key or policy it is, where the event says it. */
function of({ detail }: AuditEvent): Part[] {
  const { owner, service_account: account } = detail as { owner?: Named; service_account?: string }
  if (owner?.type && owner.id) return [' of ', { what: owner, text: `a ${nouns[owner.type] ?? owner.type}` }]
  if (typeof account !== 'string' || !account.startsWith('sa_')) return []
  return [' of ', { what: { type: 'service_account', id: account }, text: 'a service account' }]
}

/** By noun and deed alike. */
const deeds: Record<string, (event: AuditEvent) => Part[]> = {
  create: (event) => ['created', ...at(event), ...of(event)],
  update: changed,
  delete: (event) => ['deleted', ...at(event), ...of(event)],
  revoke: (event) => [`revoked all access tokens ${event.target?.type === 'issuer' ? 'got by' : 'of'}`, ...at(event)],
  leak: (event) => ['found', ...at(event), ` lying open at ${say(event.detail.url)}`],
}

function changed(event: AuditEvent): Part[] {
  const [first, second, ...more] = changesOf(event)
  if (!first || more.length > 0) return ['changed', ...at(event)]
  if (!second && first.name === 'enabled') return [first.after === 'true' ? 'enabled' : 'disabled', ...at(event)]
  if (!second && first.name === 'state')
    return first.after === 'live' ? ['put', ...at(event), ' into force'] : ['made', ...at(event), ' a draft']
  const names = [first, ...(second ? [second] : [])].map(({ name }) => name.replaceAll('_', ' '))
  return [`changed the ${names.join(' and ')} of`, ...at(event)]
}

/** Into a team or a project. */
function joined(event: AuditEvent, place: string): Part[] {
  const { before, after } = event.detail as { before?: { role?: string }; after?: { role?: string } }
  if (before?.role === undefined) return ['added ', whom(event), ` to ${place} as ${after?.role}`]
  return ['made ', whom(event), ` ${after?.role} of ${place}, who was ${before.role}`]
}
const teamOf = ({ team }: AuditEvent) => `the team ${team ?? '(unknown)'}`
const projectOf = ({ detail, team }: AuditEvent) => `the project ${team ? `${team}/` : ''}${say(detail.project)}`

const ways: Record<string, string> = {
  api_key: 'by an API key',
  operator_key: 'by the operator’s key',
  sso: 'by single sign-on',
  set_up_link: 'by the set-up link',
}

/** Where noun and deed do not say it all. */
const sentences: Record<string, (event: AuditEvent) => Part[]> = {
  'token.exchange': ({ result, reason, detail }) => {
    const shown = detail.issuer === undefined ? '' : ` for a token of ${say(detail.issuer)}`
    return [result === 'granted' ? `got an access token${shown}` : `was refused an access token${shown}: ${reason}`]
  },
  'token.revoke': () => ['revoked an access token'],
  'token.withdraw': () => ['withdrew an access token before it was handed out, since something had changed meanwhile'],
  'tokens.revoke': ({ detail }) => [`revoked all access tokens handed out until ${say(detail.before)}`],
  'api_key.use': (event) => ['used', ...at(event), ', for the first time in the hour'],
  'team_member.set': (event) => joined(event, teamOf(event)),
  'team_member.delete': (event) => ['removed ', whom(event), ` from ${teamOf(event)}`],
  'project_member.set': (event) => joined(event, projectOf(event)),
  'project_member.delete': (event) => ['removed ', whom(event), ` from ${projectOf(event)}`],
  'project.free': (event) => [
    'freed the name of the deleted project ',
    { what: event.target ?? project, text: event.target?.name ?? '', isGone: true },
  ],
  'issuer.refresh': (event) => ['had the keys fetched anew of', ...at(event)],
  'session.start': ({ result, reason, detail }) => [
    result === 'refused'
      ? `was not let in ${ways[say(detail.signed_in_by)] ?? ''}: ${reason}`
      : `signed in ${ways[say(detail.signed_in_by)] ?? ''}`.trimEnd(),
  ],
  'session.end': () => ['signed out'],
  'login.approve': (event) => ['let a terminal in as ', whom(event)],
  'login.deny': () => ['refused to let a terminal in'],
  'login.finish': (event) => ['signed in at a terminal, which got', ...at(event)],
  'signing_key.schedule': () => ['published a signing key ahead of its use'],
  'signing_key.rotate': ({ detail }) => [
    `rotated the signing keys${detail.emergency ? ', and withdrew the old one' : ''}`,
  ],
  'installation.restore': ({ detail }) => [
    `noted that the installation was restored from a backup of ${say(detail.backup_at)}`,
  ],
  'installation.update': () => ['took note of the restored backup'],
  'issuer_network.update': ({ detail }) => [
    `changed the networks that issuers may be in from ${say(detail.issuer_network_before)} to ${say(detail.issuer_network)}`,
  ],
  'organization.apply': (event) => [`applied ${say(event.detail.source)} to`, ...at(event)],
  'trail.prune': ({ detail }) => [
    `removed ${say(detail.events)} events from before ${say(detail.before)}, whose time was over`,
  ],
}
const project: Named = { type: 'project' }

/** All that is recorded of an organization or of the installation: what a filter offers. */
export const eventTypes: readonly string[] = [
  ...[
    'organization',
    'user',
    'team',
    'project',
    'issuer',
    'service_account',
    'trust_policy',
    'resource_server',
  ].flatMap((noun) => [`${noun}.create`, `${noun}.update`, `${noun}.delete`]),
  ...['api_key.create', 'api_key.update', 'api_key.delete', 'api_key.leak', 'access_token.leak', 'operator_key.leak'],
  ...['issuer.revoke', 'service_account.revoke', 'user.revoke'],
  ...Object.keys(sentences),
].sort()
