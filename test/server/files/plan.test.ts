import { expect } from 'chai'
import fc from 'fast-check'
import type { Project, ResourceServer, ServiceAccount, Team } from '../../../src/server/accounts/model.ts'
import { type OrganizationFile, organizationDocument } from '../../../src/server/files/document.ts'
import { exportDocument, yamlOf } from '../../../src/server/files/export-document.ts'
import { pathText } from '../../../src/server/files/fault.ts'
import { type PlanAsk, planOf } from '../../../src/server/files/plan.ts'
import { readYaml } from '../../../src/server/files/read.ts'
import type { Rows } from '../../../src/server/files/rows.ts'
import type { Registration } from '../../../src/server/issuers/model.ts'
import { loadPresets } from '../../../src/server/presets.ts'
import type { TrustPolicy } from '../../../src/server/trust/policy.ts'

const presets = loadPresets()
const org = { id: 'org_1', name: 'acme' }
const around = { org, publicUrl: 'https://id.example', presets }
const source = 'infra/acme.yaml@1'
const kept = (id: string, name: string) => ({
  id,
  name,
  version: 1,
  createdAt: 0,
  updatedAt: 0,
  orgId: org.id,
  managedBy: source as string | null,
})

const teamRow = (name: string, more: Partial<Team> = {}): Team => ({
  ...kept(`team-${name}`, name),
  displayName: null,
  ...more,
})
const projectRow = (name: string, more: Partial<Project> = {}): Project => ({
  ...kept(`proj-${name}`, name),
  teamId: 'team-ml',
  visibility: 'team',
  deletedAt: null,
  ...more,
})
const issuerRow = (name: string, more: Partial<Registration> = {}): Registration => ({
  ...kept(`iss-${name}`, name),
  issuer: `https://${name}.example`,
  audiences: ['acme', 'https://id.example/orgs/acme'],
  jwksUri: null,
  jwks: null,
  algorithms:
    organizationDocument.parse({ organization: 'acme', issuers: { a: { issuer: 'a' } } }).issuers.a?.algorithms ?? [],
  clockTolerance: 60,
  maxTokenAge: 86_400,
  singleUse: false,
  singleUseGrace: 0,
  boundLifetime: false,
  extraAudiences: false,
  users: false,
  userClaim: 'sub',
  enabled: true,
  preset: null,
  ...more,
})
const accountRow = (name: string, more: Partial<ServiceAccount> = {}): ServiceAccount => ({
  ...kept(`sa-${name}`, name),
  teamId: 'team-ml',
  defaultTeamId: null,
  method: 'federated',
  access: 'write',
  admin: false,
  tokenTtl: 900,
  dpopBound: false,
  description: null,
  enabled: true,
  lastUsedAt: null,
  ...more,
})
const policyRow = (name: string, more: Partial<TrustPolicy> = {}): TrustPolicy => ({
  ...kept(`tp-${name}`, name),
  accountId: 'sa-trainer',
  issuerId: 'iss-ci',
  subject: 'a',
  match: 'exact',
  conditions: [],
  cel: null,
  state: 'live',
  ...more,
})
const serverRow = (name: string, more: Partial<ResourceServer> = {}): ResourceServer => ({
  ...kept(`rs-${name}`, name),
  audience: `https://${name}.example`,
  ...more,
})
const nothing: Rows = { issuers: [], teams: [], projects: [], serviceAccounts: [], policies: [], resourceServers: [] }
const usual: Rows = {
  ...nothing,
  issuers: [issuerRow('ci')],
  teams: [teamRow('ml')],
  serviceAccounts: [accountRow('trainer')],
  policies: [policyRow('main')],
}
const usualFile = (policy: object = {}, more: Partial<OrganizationFile> = {}): OrganizationFile => ({
  organization: 'acme',
  issuers: { ci: { issuer: 'https://ci.example' } },
  teams: {
    ml: {
      service_accounts: {
        trainer: { method: 'federated', trust_policies: { main: { issuer: 'ci', subject: 'a', ...policy } } },
      },
    },
  },
  ...more,
})

const plan = (rows: Rows, file: OrganizationFile, ask: Partial<PlanAsk> = {}) =>
  planOf(rows, organizationDocument.parse(file), around, { prune: false, source, mostChanges: 1e6, ...ask })
const lines = (...given: Parameters<typeof plan>) =>
  plan(...given).steps.map(
    ({ change }) => `${change.action} ${change.path}${change.ends_tokens ? ' (ends tokens)' : ''}`,
  )
const faults = (...given: Parameters<typeof plan>) =>
  plan(...given).faults.map(({ path, message }) => `${pathText(path)}: ${message}`)

describe('files/plan', () => {
  it('finds nothing to do where all is as it should be', () => {
    expect(lines(usual, usualFile())).to.deep.equal([])
    expect(plan(usual, usualFile()).unchanged).to.equal(4)
  })

  const at = 'teams/ml/service-accounts/trainer/trust-policies/main'
  const changed: [why: string, rows: Rows, file: OrganizationFile, lines: string[]][] = [
    [
      'an absent member goes back to its default',
      { ...usual, teams: [teamRow('ml', { displayName: 'ML' })] },
      usualFile(),
      ['update teams/ml'],
    ],
    ['another subject', usual, usualFile({ subject: 'b' }), [`update ${at} (ends tokens)`]],
    ['a condition', usual, usualFile({ conditions: [{ claim: 'a', op: 'exists' }] }), [`update ${at} (ends tokens)`]],
    ['a draft', usual, usualFile({ state: 'draft' }), [`update ${at} (ends tokens)`]],
    [
      'a draft that goes live',
      { ...usual, policies: [policyRow('main', { state: 'draft' })] },
      usualFile(),
      [`update ${at} (ends tokens)`],
    ],
    [
      'a disabled issuer',
      usual,
      usualFile({}, { issuers: { ci: { issuer: 'https://ci.example', enabled: false } } }),
      ['update issuers/ci (ends tokens)'],
    ],
    [
      'an issuer’s clock',
      usual,
      usualFile({}, { issuers: { ci: { issuer: 'https://ci.example', clock_tolerance: 0 } } }),
      ['update issuers/ci'],
    ],
    [
      'the members of a condition in another order are the same',
      { ...usual, policies: [policyRow('main', { conditions: [{ value: 'x', claim: 'a', op: 'equals' }] })] },
      usualFile({ conditions: [{ claim: 'a', op: 'equals', value: 'x' }] }),
      [],
    ],
    [
      'a text is no number',
      { ...usual, policies: [policyRow('main', { conditions: [{ claim: 'a', op: 'equals', value: '1' }] })] },
      usualFile({ conditions: [{ claim: 'a', op: 'equals', value: 1 }] }),
      [`update ${at} (ends tokens)`],
    ],
    [
      'a preset that is known by its URL',
      {
        ...usual,
        issuers: [
          issuerRow('ci', {
            issuer: 'https://token.actions.githubusercontent.com',
            preset: 'github',
            maxTokenAge: presets.find('github')?.maxTokenAge ?? 0,
          }),
        ],
      },
      usualFile({}, { issuers: { ci: { issuer: 'https://token.actions.githubusercontent.com' } } }),
      [],
    ],
  ]
  for (const [why, rows, file, expected] of changed)
    it(`plans: ${why}`, () => {
      expect(lines(rows, file)).to.deep.equal(expected)
      expect(faults(rows, file)).to.deep.equal([])
    })

  const two = { ...usual, teams: [teamRow('ml'), teamRow('spare')] }
  const wide = accountRow('wide', { teamId: null, defaultTeamId: 'team-spare', method: 'api_key' })
  const refused: [why: string, rows: Rows, file: OrganizationFile, ask: Partial<PlanAsk>, faults: string[]][] = [
    [
      'another issuer URL',
      usual,
      usualFile({}, { issuers: { ci: { issuer: 'https://other.example' } } }),
      {},
      ['issuers/ci/issuer: stays "https://ci.example" for life: give what is new another name'],
    ],
    [
      'a rank',
      { ...usual, serviceAccounts: [accountRow('trainer', { admin: true })] },
      usualFile(),
      {},
      ['teams/ml/service_accounts/trainer/admin: stays true for life: give what is new another name'],
    ],
    [
      'an audience of a server',
      { ...nothing, resourceServers: [serverRow('a')] },
      { organization: 'acme', resource_servers: { a: { audience: 'https://b.example' } } },
      {},
      ['resource_servers/a/audience: stays "https://a.example" for life: give what is new another name'],
    ],
    [
      'an audience of two servers',
      { ...nothing, resourceServers: [serverRow('a')] },
      { organization: 'acme', resource_servers: { b: { audience: 'https://a.example' } } },
      {},
      ['resource_servers/b/audience: the audience is that of resource-servers/a, too'],
    ],
    [
      'a pair of two issuers',
      { ...nothing, issuers: [issuerRow('ci')] },
      { organization: 'acme', issuers: { b: { issuer: 'https://ci.example', audiences: ['acme'] } } },
      {},
      ['issuers/b/audiences: issuers/ci has this issuer URL with the audience acme, too'],
    ],
    [
      'an issuer that is pruned',
      usual,
      { ...usualFile(), issuers: {} },
      { prune: true },
      [
        'teams/ml/service_accounts/trainer/trust_policies/main/issuer: the organization has no issuer ci when it is pruned',
      ],
    ],
    [
      'a default team that is not there',
      usual,
      usualFile({}, { service_accounts: { wide: { default_team: 'no' } } }),
      {},
      ['service_accounts/wide/default_team: the organization has no team no'],
    ],
    [
      'a default team that is pruned',
      { ...two, serviceAccounts: [accountRow('trainer'), wide] },
      usualFile({}, { service_accounts: { wide: { default_team: 'spare' } } }),
      { prune: true },
      ['service_accounts/wide/default_team: the organization has no team spare when it is pruned'],
    ],
    [
      'a team with a restricted project',
      { ...two, projects: [projectRow('p', { teamId: 'team-spare', visibility: 'restricted' })] },
      usualFile(),
      { prune: true },
      [
        'teams/spare: cannot be pruned: it has 1 restricted projects, or kept names of such; delete them, and free their names, first',
      ],
    ],
    [
      'the name of a restricted project',
      { ...usual, projects: [projectRow('p', { visibility: 'restricted', deletedAt: 1 })] },
      { organization: 'acme', teams: { ml: { projects: { p: { visibility: 'open' } } } } },
      {},
      [
        'teams/ml/projects/p/visibility: a restricted project had this name: it stays restricted until an admin of the team frees it',
      ],
    ],
    [
      'who applies it',
      { ...usual, serviceAccounts: [accountRow('trainer'), { ...wide, defaultTeamId: 'team-ml' }] },
      usualFile(),
      { prune: true, actorId: 'sa-wide' },
      ['service_accounts/wide: cannot be pruned: it is who asks for it; name it in the file'],
    ],
  ]
  for (const [why, rows, file, ask, expected] of refused)
    it(`cannot have it: ${why}`, () => {
      expect(faults(rows, file, ask)).to.deep.equal(expected)
    })

  it('takes a restricted project under a kept name, and a pair whose holder is pruned', () => {
    const rows = { ...usual, projects: [projectRow('p', { visibility: 'restricted', deletedAt: 1 })] }
    expect(
      faults(rows, { organization: 'acme', teams: { ml: { projects: { p: { visibility: 'restricted' } } } } }),
    ).to.deep.equal([])
    const renamed = usualFile({ issuer: 'new' }, { issuers: { new: { issuer: 'https://ci.example' } } })
    expect(faults(usual, renamed, { prune: true })).to.deep.equal([])
    expect(faults(usual, renamed)).to.have.length(2)
  })

  it('deletes before it makes, and a team last, when nobody has it as default any more', () => {
    const rows = { ...two, serviceAccounts: [accountRow('trainer'), wide], resourceServers: [serverRow('old')] }
    const file = usualFile(
      {},
      {
        service_accounts: { wide: { default_team: 'ml' } },
        resource_servers: { new: { audience: 'https://old.example' } },
      },
    )
    expect(lines(rows, file, { prune: true })).to.deep.equal([
      'delete resource-servers/old (ends tokens)',
      'update service-accounts/wide',
      'create resource-servers/new',
      'delete teams/spare (ends tokens)',
    ])
  })

  it('keeps what is managed elsewhere apart from another revision of the same file', () => {
    const managedBy = (text: string | null) => ({ ...usual, teams: [{ ...teamRow('ml'), managedBy: text }] })
    expect(lines(managedBy('infra/acme.yaml@0'), usualFile())).to.deep.equal([])
    expect(lines(managedBy('infra/acme.yaml'), usualFile())).to.deep.equal([])
    const [step] = plan(managedBy('other/acme.yaml@1'), usualFile()).steps
    expect(step?.change.notes).to.deep.equal(['was managed by other/acme.yaml@1'])
    expect(step?.change.adopted).to.equal(undefined)
    expect(plan(managedBy(null), usualFile()).steps[0]?.change.adopted).to.equal(true)
    // A URL with a user is no revision.
    expect(lines(managedBy('git@host/acme.yaml'), usualFile(), { source: 'git@other/acme.yaml' })).to.have.length(4)
  })

  it('does not keep everybody waiting for the largest file, nor for as many that it no longer names', function () {
    this.timeout(8_000)
    const many = Array.from({ length: 30_000 }, (_, i) => i)
    const rows = {
      ...nothing,
      teams: many.map((i) => teamRow(`old-${i}`)),
      projects: many.map((i) => projectRow(`p-${i}`, { teamId: `team-old-${i}`, visibility: 'restricted' })),
    }
    const teams = Object.fromEntries(many.map((i) => [`new-${i}`, {}]))
    const { steps, faults } = plan(rows, { organization: 'acme', teams }, { prune: true })
    expect(steps).to.have.length(90_000)
    expect(faults).to.have.length(30_000)
    expect(steps.find(({ change }) => change.path === 'teams/new-7')?.change.notes?.[0]).to.match(
      /^a new name is a new object: old-\d+ /,
    )
  })

  it('is empty for what was exported, whatever there is, as a value and as YAML', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }).filter((value) => !/\p{Cc}/u.test(value))
    const odd = fc.oneof(
      text,
      fc.constantFrom(
        'yes',
        'no',
        '~',
        'null',
        '0x1F',
        '1.10',
        '- a',
        '# b',
        'a: b',
        "'",
        '"',
        '|',
        '<<',
        '=',
        '1_000',
        '*a',
        '&a',
        '!a',
        '%a',
        '@a',
        '2026-01-01',
        '12:30:00',
        ' a ',
        '\u2028',
      ),
    )
    const scalar = fc.oneof(
      odd,
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0)),
      fc.boolean(),
    )
    const condition = fc.oneof(
      fc.record({ claim: odd, op: fc.constant('equals' as const), value: scalar }),
      fc.record({
        claim: odd,
        op: fc.constant('in' as const),
        value: fc.array(scalar, { minLength: 1, maxLength: 3 }),
      }),
      fc.record({ claim: odd, op: fc.constant('glob' as const), value: odd }),
      fc.record({ claim: odd, op: fc.constant('exists' as const), value: fc.boolean() }),
    )
    const orNull = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: null })
    const url = fc.constantFrom(
      'https://a.example',
      'https://token.actions.githubusercontent.com',
      'https://gitlab.com',
    )
    const world = fc.record({
      issuer: fc.record({
        issuer: url,
        audiences: fc.uniqueArray(odd, { minLength: 1, maxLength: 3 }),
        jwksUri: orNull(fc.constant('https://a.example/jwks')),
        clockTolerance: fc.integer({ min: 0, max: 300 }),
        maxTokenAge: fc.constantFrom(60, 3_600, 86_400, 172_800),
        singleUse: fc.boolean(),
        enabled: fc.boolean(),
        userClaim: fc.constantFrom('sub' as const, 'email' as const),
        preset: fc.constantFrom(null, 'github', 'gitlab', 'custom'),
      }),
      team: fc.record({ displayName: orNull(odd), managedBy: fc.constant(source) }),
      project: fc.record({
        visibility: fc.constantFrom('team' as const, 'restricted' as const, 'open' as const, 'public' as const),
      }),
      account: fc.record({
        access: fc.constantFrom('read' as const, 'write' as const),
        admin: fc.boolean(),
        tokenTtl: fc.integer({ min: 60, max: 3600 }),
        dpopBound: fc.boolean(),
        description: orNull(fc.oneof(odd, fc.constantFrom('', 'a\nb\n', '  a\n b', 'a\n\n'))),
        enabled: fc.boolean(),
      }),
      policy: fc.record({
        subject: odd,
        match: fc.constantFrom('exact' as const, 'glob' as const),
        conditions: fc.array(condition, { maxLength: 3 }),
        cel: orNull(fc.oneof(odd, fc.constant("claims.a == 'b' &&\n  claims.c\n"))),
        state: fc.constantFrom('live' as const, 'draft' as const),
      }),
    })
    fc.assert(
      fc.property(world, ({ issuer, team, project, account, policy }) => {
        const rows: Rows = {
          issuers: [issuerRow('ci', issuer)],
          teams: [teamRow('ml', team), teamRow('0')],
          projects: [projectRow('p', project), projectRow('gone', { visibility: 'restricted', deletedAt: 1 })],
          serviceAccounts: [
            accountRow('trainer', account),
            accountRow('wide', { ...account, method: 'api_key', teamId: null, defaultTeamId: 'team-0' }),
          ],
          policies: [policyRow('main', policy)],
          resourceServers: [serverRow('tracker')],
        }
        const file = exportDocument(rows, around)
        expect(lines(rows, file, { prune: true })).to.deep.equal([])
        const read = readYaml(yamlOf(file, 'https://id.example/schema'))
        expect(read.ok ? read.value : read.faults).to.deep.equal(file)
      }),
      { numRuns: 300 },
    )
  })
})
