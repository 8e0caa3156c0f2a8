import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect } from 'chai'
import { organizationDocument } from '../../../src/server/files/document.ts'
import { pathText } from '../../../src/server/files/fault.ts'
import { judgeDocument } from '../../../src/server/files/judge-document.ts'
import { readYaml } from '../../../src/server/files/read.ts'
import { organizationSchema } from '../../../src/server/files/schema.ts'
import * as api from '../../../src/server/http/api/schemas.ts'
import { root } from '../../support/server.ts'

type Members = Record<string, unknown>
const example = readFileSync(join(root, 'deploy/examples/organization.yaml'), 'utf8')
const jwk = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }
const policy = { issuer: 'github', subject: 'a' }
const withIssuer = (members: Members) => ({
  organization: 'acme',
  issuers: { github: { issuer: 'https://a.example', ...members } },
})
const withAccount = (members: Members) => ({
  organization: 'acme',
  teams: { ml: { service_accounts: { trainer: { method: 'federated', ...members } } } },
})
const withPolicy = (members: Members) => withAccount({ trust_policies: { main: { ...policy, ...members } } })
const withCondition = (...conditions: unknown[]) => withPolicy({ conditions })

describe('files/document', () => {
  const ajv = new Ajv2020({ strict: true, strictTypes: false, allErrors: true, formats: { uri: true } })
  const isInSchema = ajv.compile(organizationSchema())

  it('is shipped for editors as it is generated (npm run schema)', () => {
    const shipped = JSON.parse(readFileSync(join(root, 'config/organization.schema.json'), 'utf8'))
    expect(shipped).to.deep.equal(organizationSchema())
  })

  const good: [why: string, value: unknown][] = [
    ['an organization alone', { organization: 'acme' }],
    [
      'empty maps',
      { organization: 'acme', issuers: {}, teams: { ml: {} }, service_accounts: {}, resource_servers: {} },
    ],
    ['a public key', withIssuer({ jwks: { keys: [jwk] } })],
    ['no preset', withIssuer({ preset: null })],
    [
      'every operator',
      withCondition(
        { claim: 'a', op: 'equals', value: 1 },
        { claim: '/a/b', op: 'in', value: ['x', true] },
        { claim: 'a', op: 'glob', value: 'x*' },
        { claim: 'a', op: 'exists' },
      ),
    ],
    ['a name of digits', { organization: '1', teams: { '2': {} } }],
    ['the longest name', { organization: 'a'.repeat(64) }],
  ]
  for (const [why, value] of good)
    it(`takes ${why}, and so does the schema`, async () => {
      expect(await judgeDocument(value)).to.include({ ok: true })
      expect(isInSchema(value), JSON.stringify(isInSchema.errors)).to.equal(true)
    })

  it('takes the example of the repository, and so does the schema', async () => {
    const read = readYaml(example)
    expect(read).to.include({ ok: true })
    const value = read.ok && read.value
    expect(await judgeDocument(value)).to.include({ ok: true })
    expect(isInSchema(value), JSON.stringify(isInSchema.errors)).to.equal(true)
  })

  const bad: [why: string, value: unknown, fault: string][] = [
    ['nothing', null, ': is empty: write {} or leave it out'],
    ['a list', [], ': must be a map of NAME: value'],
    ['no organization', {}, 'organization: is missing'],
    ['an empty map', { organization: 'acme', teams: null }, 'teams: is empty: write {} or leave it out'],
    ['an unknown member', { organization: 'acme', team: {} }, 'team: team is not known here; did you mean teams?'],
    [
      'a hyphen',
      withAccount({ 'trust-policies': {} }),
      'teams/ml/service_accounts/trainer/trust-policies: trust-policies is not known here; did you mean trust_policies?',
    ],
    [
      'a member of another kind',
      { organization: 'acme', teams: { ml: { visibility: 'team' } } },
      'teams/ml/visibility: visibility is not known here; known are display_name, projects, service_accounts',
    ],
    [
      'a secret',
      withAccount({ api_key: 'x' }),
      'teams/ml/service_accounts/trainer/api_key: api_key is not known here; known are method, access, admin, token_ttl, dpop_bound_access_tokens, description, enabled, override_reason, trust_policies',
    ],
    [
      'a name with a capital',
      { organization: 'Acme' },
      'organization: a name is 1 to 64 of a-z, 0-9, - and _, starting with a letter or digit, and neither an id nor a key',
    ],
    [
      'a name that is an id',
      { organization: 'acme', teams: { team_01jf0000000000000000000000: {} } },
      'teams/team_01jf0000000000000000000000: a name is 1 to 64 of a-z, 0-9, - and _, starting with a letter or digit, and neither an id nor a key',
    ],
    [
      'a name that looks like a key',
      { organization: `csk_${'a'.repeat(30)}` },
      'organization: a name is 1 to 64 of a-z, 0-9, - and _, starting with a letter or digit, and neither an id nor a key',
    ],
    [
      'a number for a text',
      withPolicy({ subject: 12 }),
      'teams/ml/service_accounts/trainer/trust_policies/main/subject: must be a text: write it in quotes, "12"',
    ],
    [
      'a text for a number',
      withAccount({ token_ttl: '900' }),
      'teams/ml/service_accounts/trainer/token_ttl: must be a number',
    ],
    [
      'a fraction',
      withAccount({ token_ttl: 900.5 }),
      'teams/ml/service_accounts/trainer/token_ttl: must be a whole number',
    ],
    [
      'yes for true',
      withIssuer({ enabled: 'yes' }),
      'issuers/github/enabled: must be true or false: yes, no, on and off are texts in YAML 1.2',
    ],
    [
      'a lifetime too long',
      withAccount({ token_ttl: 3601 }),
      'teams/ml/service_accounts/trainer/token_ttl: Too big: expected number to be <=3600',
    ],
    [
      'no method',
      { organization: 'acme', teams: { ml: { service_accounts: { a: {} } } } },
      'teams/ml/service_accounts/a/method: is missing',
    ],
    [
      'no default team',
      { organization: 'acme', service_accounts: { a: {} } },
      'service_accounts/a/default_team: is missing',
    ],
    [
      'a private key',
      withIssuer({ jwks: { keys: [{ ...jwk, d: 'x' }] } }),
      'issuers/github/jwks/keys/0/d: a private or symmetric key has no place here: give the public one',
    ],
    [
      'a symmetric key',
      withIssuer({ jwks: { keys: [{ kty: 'oct', k: 'x' }] } }),
      'issuers/github/jwks/keys/0/k: a private or symmetric key has no place here: give the public one',
    ],
    [
      'no issuer',
      withPolicy({ issuer: undefined }),
      'teams/ml/service_accounts/trainer/trust_policies/main/issuer: is missing',
    ],
    [
      'an operator that is none',
      withCondition({ claim: 'a', op: 'is', value: 1 }),
      'teams/ml/service_accounts/trainer/trust_policies/main/conditions/0/op: op is equals, in, glob or exists',
    ],
    [
      'a list for equals',
      withCondition({ claim: 'a', op: 'equals', value: ['a'] }),
      'teams/ml/service_accounts/trainer/trust_policies/main/conditions/0/value: must be a text, a number, true or false',
    ],
    [
      'a text for in',
      withCondition({ claim: 'a', op: 'in', value: 'a' }),
      'teams/ml/service_accounts/trainer/trust_policies/main/conditions/0/value: must be a list',
    ],
    [
      'a control character',
      withPolicy({ subject: 'a\nb' }),
      'teams/ml/service_accounts/trainer/trust_policies/main/subject: must not hold control characters',
    ],
    [
      'an audience that is no URL',
      { organization: 'acme', resource_servers: { a: { audience: 'tracker' } } },
      'resource_servers/a/audience: Invalid URL',
    ],
    [
      'a reason that says nothing',
      withIssuer({ override_reason: 'because' }),
      'issuers/github/override_reason: Too small: expected string to have >=10 characters',
    ],
  ]
  const faultsIn = async (value: unknown) => {
    const judged = await judgeDocument(value)
    return judged.ok ? [] : judged.faults.map(({ path, message }) => `${pathText(path)}: ${message}`)
  }
  for (const [why, value, fault] of bad)
    it(`refuses ${why}, and so does the schema`, async () => {
      expect(await faultsIn(value)).to.deep.equal([fault])
      // Whether a text is a URL is for the schema's readers a matter of taste.
      if (fault.endsWith('Invalid URL')) return
      expect(isInSchema(JSON.parse(JSON.stringify(value)))).to.equal(false)
    })

  /** What no schema can say. */
  const beyond: [why: string, value: unknown, fault: string][] = [
    [
      'keys twice',
      withIssuer({ jwks_uri: 'https://a.example/jwks', jwks: { keys: [jwk] } }),
      'issuers/github/jwks: give jwks_uri or jwks, not both',
    ],
    [
      'policies of a Built-in account',
      withAccount({ method: 'api_key', trust_policies: { main: policy } }),
      'teams/ml/service_accounts/trainer/trust_policies: a Built-in account (method: api_key) has API keys; trust policies are for federated ones',
    ],
    [
      'a subject of too many bytes',
      withPolicy({ subject: 'é'.repeat(513) }),
      'teams/ml/service_accounts/trainer/trust_policies/main/subject: must be at most 1,024 bytes of UTF-8',
    ],
    [
      'half a character',
      withPolicy({ conditions: [{ claim: 'a', op: 'glob', value: '\ud800' }] }),
      'teams/ml/service_accounts/trainer/trust_policies/main/conditions/0/value: must be well-formed Unicode',
    ],
    [
      'a path that is none',
      withCondition({ claim: '/a~', op: 'exists' }),
      'teams/ml/service_accounts/trainer/trust_policies/main/conditions/0/claim: is no JSON pointer: ~ is written as ~0, and / within a name as ~1 (RFC 6901 §3)',
    ],
  ]
  for (const [why, value, fault] of beyond)
    it(`refuses ${why}, which no schema can say`, async () => {
      expect(await faultsIn(value)).to.deep.equal([fault])
    })

  it('says where in an expression it cannot be read', async () => {
    const judged = await judgeDocument(withPolicy({ cel: 'claims.ref ==\n  == 1' }))
    const [fault] = judged.ok ? [] : judged.faults
    expect(fault && pathText(fault.path)).to.equal('teams/ml/service_accounts/trainer/trust_policies/main/cel')
    expect(fault).to.include({ line: 2 })
  })

  describe('what is not said', () => {
    const { issuers, teams, service_accounts } = organizationDocument.parse({
      organization: 'acme',
      issuers: { a: { issuer: 'https://a.example' } },
      teams: { ml: { service_accounts: { a: { method: 'federated', trust_policies: { a: policy } } } } },
      service_accounts: { a: { default_team: 'ml' } },
    })
    const account = teams.ml?.service_accounts.a as Members
    const written: [what: string, file: unknown, body: unknown][] = [
      ['an issuer', issuers.a, api.newIssuer.parse({ name: 'a', issuer: 'https://a.example' })],
      ['an account of a team', account, api.newTeamAccount.parse({ name: 'a', method: 'federated' })],
      [
        'an account of the organization',
        service_accounts.a,
        api.newOrgAccount.parse({ name: 'a', default_team: 'ml' }),
      ],
      ['a policy', (account.trust_policies as Members).a, api.newTrustPolicy.parse(policy)],
    ]
    for (const [what, file, body] of written)
      it(`of ${what} is as in the API`, () => {
        const { name: _, ...defaults } = body as Members
        const said = Object.entries(defaults).filter(([, value]) => value !== null)
        expect(file).to.deep.include(Object.fromEntries(said))
        // A file says one thing more: whether an account is enabled, which a body cannot.
        const beyond = Object.keys(file as Members).filter((member) => !(member in defaults))
        expect(beyond.filter((member) => !['enabled', 'trust_policies'].includes(member))).to.deep.equal([])
      })
  })
})
