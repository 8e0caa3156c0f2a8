/** Every event that the server records, as a sentence; and none that the sentences do not know. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { eventTypes, nouns, plainOf, told } from '../../../src/console/pages/audit/told.ts'
import type { AuditEvent } from '../../../src/console/wire/shapes.ts'

const ada = { type: 'user', id: 'user_1', name: 'ada' }
const event = (type: string, more: Partial<AuditEvent> = {}): AuditEvent => ({
  id: 'evt_1',
  at: '2026-03-01T12:00:00.000Z',
  type,
  result: 'done',
  request_id: 'req_1',
  org: 'acme',
  actor: ada,
  client: { ip: '127.0.0.1', user_agent: 'test' },
  detail: {},
  prev: '0'.repeat(64),
  hash: '1'.repeat(64),
  ...more,
})
const target = (type: string, name = 'it') => ({ target: { type, id: `${type}_1`, name } })
const change = (before: object, after: object) => ({ detail: { before, after } })
const system = { actor: { type: 'system' } }
const operator = { actor: { type: 'operator', name: 'operator' } }

const usual: [type: string, more: Partial<AuditEvent>, says: string][] = Object.entries({
  organization: 'the organization it',
  user: 'the user it',
  team: 'the team it',
  project: 'the project it',
  issuer: 'the issuer it',
  service_account: 'the service account it',
  trust_policy: 'the trust policy it',
  resource_server: 'the resource server it',
  api_key: 'the API key it',
}).flatMap(([noun, it]) => [
  [`${noun}.create`, target(noun), `ada created ${it}`],
  [`${noun}.update`, { ...target(noun), ...change({ a_b: 1 }, { a_b: 2 }) }, `ada changed the a b of ${it}`],
  [`${noun}.delete`, target(noun), `ada deleted ${it}`],
])

const table: typeof usual = [
  ...usual,
  [
    'api_key.create',
    { ...target('api_key'), detail: { owner: { type: 'service_account', id: 'sa_1' } } },
    'ada created the API key it of a service account',
  ],
  [
    'trust_policy.create',
    { ...target('trust_policy'), detail: { service_account: 'sa_1' } },
    'ada created the trust policy it of a service account',
  ],
  [
    'team.update',
    { ...target('team'), ...change({ a: 1, b: 1 }, { a: 2, b: 2 }) },
    'ada changed the a and b of the team it',
  ],
  [
    'team.update',
    { ...target('team'), ...change({ a: 1, b: 1, c: 1 }, { a: 2, b: 2, c: 2 }) },
    'ada changed the team it',
  ],
  ['team.update', { ...target('team'), ...change({}, {}) }, 'ada changed the team it'],
  [
    'issuer.update',
    { ...target('issuer'), ...change({ enabled: true }, { enabled: false }) },
    'ada disabled the issuer it',
  ],
  [
    'service_account.update',
    { ...target('service_account'), ...change({ enabled: false }, { enabled: true }) },
    'ada enabled the service account it',
  ],
  [
    'trust_policy.update',
    { ...target('trust_policy'), ...change({ state: 'draft' }, { state: 'live' }) },
    'ada put the trust policy it into force',
  ],
  [
    'trust_policy.update',
    { ...target('trust_policy'), ...change({ state: 'live' }, { state: 'draft' }) },
    'ada made the trust policy it a draft',
  ],
  [
    'organization.apply',
    { ...target('organization'), detail: { source: 'org.yaml' } },
    'ada applied org.yaml to the organization it',
  ],
  [
    'team_member.set',
    { ...target('user', 'bob'), team: 'ml', ...change({}, { role: 'admin' }) },
    'ada added bob to the team ml as admin',
  ],
  [
    'team_member.set',
    { ...target('user', 'bob'), team: 'ml', ...change({ role: 'member' }, { role: 'admin' }) },
    'ada made bob admin of the team ml, who was member',
  ],
  ['team_member.delete', { ...target('user', 'bob'), team: 'ml' }, 'ada removed bob from the team ml'],
  [
    'project_member.set',
    { ...target('user', 'bob'), team: 'ml', detail: { project: 'p', before: {}, after: { role: 'viewer' } } },
    'ada added bob to the project ml/p as viewer',
  ],
  [
    'project_member.delete',
    { ...target('user', 'bob'), team: 'ml', detail: { project: 'p' } },
    'ada removed bob from the project ml/p',
  ],
  ['project.free', target('project', 'secret'), 'ada freed the name of the deleted project secret'],
  ['issuer.refresh', target('issuer'), 'ada had the keys fetched anew of the issuer it'],
  ['issuer.revoke', target('issuer'), 'ada revoked all access tokens got by the issuer it'],
  ['service_account.revoke', target('service_account'), 'ada revoked all access tokens of the service account it'],
  ['user.revoke', target('user'), 'ada revoked all access tokens of the user it'],
  ['api_key.use', target('api_key', 'first'), 'ada used the API key first, for the first time in the hour'],
  [
    'api_key.leak',
    {
      ...target('api_key', 'cs_…x'),
      actor: { type: 'system', name: 'secret-scanning' },
      detail: { url: 'https://a.example' },
    },
    'Secret scanning found the API key cs_…x lying open at https://a.example',
  ],
  [
    'access_token.leak',
    { target: { type: 'access_token', id: 'jti' }, ...system, detail: { url: 'u' } },
    'Countersign found the access token lying open at u',
  ],
  [
    'operator_key.leak',
    { target: { type: 'operator_key', id: 'installation' }, ...system, detail: { url: 'u' } },
    'Countersign found the operator’s key installation lying open at u',
  ],
  [
    'token.exchange',
    { result: 'granted', detail: { issuer: 'https://i.example' } },
    'ada got an access token for a token of https://i.example',
  ],
  ['token.exchange', { result: 'granted' }, 'ada got an access token'],
  [
    'token.exchange',
    { result: 'refused', reason: 'token_expired', actor: { type: 'workload' } },
    'Somebody unknown was refused an access token: token_expired',
  ],
  ['token.revoke', { target: { type: 'access_token', id: 'jti' } }, 'ada revoked an access token'],
  [
    'token.withdraw',
    { ...system, target: { type: 'access_token', id: 'jti' } },
    'Countersign withdrew an access token before it was handed out, since something had changed meanwhile',
  ],
  [
    'tokens.revoke',
    { ...operator, detail: { before: 'noon' } },
    'The operator revoked all access tokens handed out until noon',
  ],
  ['session.start', { detail: { signed_in_by: 'sso' } }, 'ada signed in by single sign-on'],
  [
    'session.start',
    { result: 'refused', reason: 'sso_no_user', actor: { type: 'workload' }, detail: { signed_in_by: 'sso' } },
    'Somebody unknown was not let in by single sign-on: sso_no_user',
  ],
  ['session.end', target('session'), 'ada signed out'],
  ['login.approve', target('user', 'ada'), 'ada let a terminal in as ada'],
  ['login.deny', { actor: { type: 'workload' } }, 'Somebody unknown refused to let a terminal in'],
  ['login.finish', target('api_key', 'cs_…x'), 'ada signed in at a terminal, which got the API key cs_…x'],
  ['signing_key.schedule', system, 'Countersign published a signing key ahead of its use'],
  ['signing_key.rotate', operator, 'The operator rotated the signing keys'],
  [
    'signing_key.rotate',
    { ...operator, detail: { emergency: true } },
    'The operator rotated the signing keys, and withdrew the old one',
  ],
  [
    'installation.restore',
    { ...operator, detail: { backup_at: 'noon' } },
    'The operator noted that the installation was restored from a backup of noon',
  ],
  ['installation.update', operator, 'The operator took note of the restored backup'],
  [
    'issuer_network.update',
    { ...operator, detail: { issuer_network_before: 'public', issuer_network: 'any' } },
    'The operator changed the networks that issuers may be in from public to any',
  ],
  [
    'trail.prune',
    { ...system, detail: { events: 7, before: 'noon' } },
    'Countersign removed 7 events from before noon, whose time was over',
  ],
]

describe('console/pages/audit/told', () => {
  for (const [type, more, says] of table) it(says, () => expect(plainOf(told(event(type, more)))).to.equal(says))

  it('has a sentence in this table for every type that it offers', () => {
    expect([...new Set(table.map(([type]) => type))].sort()).to.deep.equal([...new Set(eventTypes)].sort())
  })

  it('offers every type that the server names', () => {
    const src = join(import.meta.dirname, '../../../src/server')
    const named = readdirSync(src, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) => [
        ...readFileSync(join(src, file), 'utf8').matchAll(/(?:\brecord\(\s*|\btype: |pruning = )'([a-z_]+\.[a-z_]+)'/g),
      ])
      .map(([, type]) => type as string)
    expect(named.length).to.be.greaterThan(15)
    expect(eventTypes).to.include.members(named)
  })

  it('knows every noun that the server has deeds for', () => {
    const text = readFileSync(join(import.meta.dirname, '../../../src/server/admin/nouns.ts'), 'utf8')
    const named = [...text.matchAll(/^ +type: '([a-z_]+)',$/gm)].map(([, noun]) => noun as string)
    expect(named.length).to.be.greaterThan(7)
    for (const noun of named) {
      expect(nouns).to.have.property(noun)
      expect(eventTypes).to.include.members([`${noun}.create`, `${noun}.update`, `${noun}.delete`])
    }
  })

  it('tells what it does not know by its name', () => {
    expect(plainOf(told(event('moon.land', target('moon', 'one'))))).to.equal('ada did moon.land the moon one')
  })

  it('mentions whom and what as they may be linked, and what is gone as such', () => {
    const [who, , , , it] = told(event('team.delete', target('team', 'ml')))
    expect(who).to.deep.equal({ what: ada, text: 'ada' })
    expect(it).to.deep.include({ text: 'ml', isGone: true })
  })
})
