/** What the meter says of a policy: row by row, what holds. */
import { expect } from 'chai'
import { type Draft, emptyDraft, withMembers } from '../../../src/console/pages/policies/draft.ts'
import { type Holds, strengthOf } from '../../../src/console/pages/policies/strength.ts'
import type { Condition } from '../../../src/console/wire/shapes.ts'
import { lintOf, shownPreset } from '../../support/shown-preset.ts'

const is = (claim: string, value: string | boolean): Condition => ({ claim, op: 'equals', value })
const pushes: Condition = { claim: 'event_name', op: 'in', value: ['push', 'workflow_dispatch'] }
const named = 'repo:acme/app:ref:refs/heads/main'
const withIds = 'repo:acme@123456/app@456789:ref:refs/heads/main'

type Row = [
  preset: string,
  subject: string,
  conditions: Condition[],
  level: string,
  id: Holds,
  strangers?: Holds,
  environment?: Holds,
]
const table: Row[] = [
  ['github', withIds, [pushes], 'strong', 'yes', 'yes', 'open'],
  ['github', named, [is('repository_id', '1'), pushes], 'strong', 'yes', 'yes', 'open'],
  ['github', withIds, [], 'weak', 'yes', 'partly', 'open'],
  ['github', named, [pushes], 'dangerous', 'no', 'yes', 'open'],
  ['github', named, [is('repository_owner_id', '1'), pushes], 'weak', 'partly', 'yes', 'open'],
  ['github', withIds, [is('event_name', 'pull_request_target')], 'weak', 'yes', 'no', 'open'],
  ['github', 'repo:acme@123456/app@456789:pull_request', [], 'dangerous', 'yes', 'no', 'open'],
  ['github', 'repo:acme@123456/app@456789:*', [], 'dangerous', 'yes', 'no', 'open'],
  ['github', 'repo:acme@123456/*', [pushes], 'dangerous', 'partly', 'yes', 'open'],
  ['github', 'repo:acme@123456/app@456789:environment:production', [pushes], 'strong', 'yes', 'yes', 'yes'],
  ['github', '*', [], 'dangerous', 'no', 'no', 'open'],
  [
    'gitlab',
    'project_path:a/b:ref_type:branch:ref:main',
    [is('project_id', '1'), is('ref_protected', 'true')],
    'strong',
    'yes',
    'yes',
    'open',
  ],
  ['gitlab', 'project_path:a/b:ref_type:branch:ref:main', [is('project_id', '1')], 'weak', 'yes', 'partly', 'open'],
  ['gitlab', 'project_path:a/b:ref_type:branch:ref:main', [], 'dangerous', 'no', 'no', 'open'],
  [
    'vercel',
    'owner:a:project:b:environment:production',
    [is('owner_id', 'team_1'), is('project_id', 'prj_1')],
    'strong',
    'yes',
    'yes',
    'yes',
  ],
  [
    'hcp-terraform',
    'organization:a:project:b:workspace:c:run_phase:apply',
    [is('terraform_organization_id', 'org-1'), is('terraform_workspace_id', 'ws-1')],
    'strong',
    'yes',
    'yes',
  ],
  ['kubernetes', 'system:serviceaccount:prod:deployer', [], 'fair', 'no'],
  [
    'kubernetes',
    'system:serviceaccount:prod:deployer',
    [is('/kubernetes.io/serviceaccount/uid', 'u')],
    'strong',
    'yes',
  ],
  ['gcp', '112233445566778899000', [], 'strong', 'yes'],
  ['entra', 'aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb', [is('tid', 't')], 'strong', 'yes'],
  ['spiffe', 'spiffe://a.example/b', [], 'strong', 'yes'],
  ['spiffe', 'spiffe://a.example/*', [], 'dangerous', 'no'],
  ['aws', 'arn:aws:iam::123456789012:role/x', [], 'fair', 'partly'],
  ['custom', 'job-1', [], 'fair', 'unknown'],
  ['bitbucket', '{11223344-aabb-4cdd-8eff-112233445566}:*', [is('branchName', 'main')], 'strong', 'yes', 'yes', 'open'],
]

const urls: Record<string, string> = {
  gcp: 'https://accounts.google.com',
  custom: 'https://ci.example',
  spiffe: 'https://ci.example',
}

describe('console/policies: strength', () => {
  for (const [name, subject, conditions, level, ...held] of table)
    it(`${name} ${subject} ${conditions.map(({ claim, value }) => `${claim}=${value}`).join(' ')}`, () => {
      const preset = shownPreset(name)
      const match = /[*?]/.test(subject) ? 'glob' : 'exact'
      const draft: Draft = withMembers(emptyDraft, { subject, match, conditions })
      const findings = lintOf({ subject, match, conditions }, urls[name] ?? preset.issuers[0]?.url ?? '', name)
      const strength = strengthOf(draft, preset, findings)
      const points = strength.points.filter(({ about }) => !['The subject', 'The expression'].includes(about))
      expect([strength.level, ...points.map(({ holds }) => holds)]).to.deep.equal([level, ...held])
      for (const { says } of strength.points) expect(says).to.match(/^[A-Za-z“_/].*\.\s?$/s)
    })

  it('never says better of a policy than lint does', () => {
    const draft = withMembers(emptyDraft, { subject: withIds, match: 'exact', conditions: [pushes] })
    const finding = (severity: 'error' | 'warn' | 'info') => [{ severity, rule: 'LR00', message: 'x' }]
    const levels = (['error', 'warn', 'info'] as const).map(
      (severity) => strengthOf(draft, shownPreset('github'), finding(severity)).level,
    )
    expect(levels).to.deep.equal(['dangerous', 'weak', 'strong'])
  })

  it('does not claim to have read an expression', () => {
    const draft = { ...withMembers(emptyDraft, { subject: withIds, conditions: [pushes] }), cel: 'claims.a == "b"' }
    const { level, points } = strengthOf(draft, shownPreset('github'), [])
    expect([level, points.at(-1)?.holds]).to.deep.equal(['fair', 'unknown'])
  })
})
