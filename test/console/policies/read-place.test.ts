/** Addresses and names of workloads, read into policies that lint has nothing against once their gaps are filled. */
import { expect } from 'chai'
import { conditionOf, emptyDraft, fillGaps, gapsOf, withMembers } from '../../../src/console/pages/policies/draft.ts'
import { knownOfIssuer, readForm } from '../../../src/console/pages/policies/forms.ts'
import { proposeForPlace } from '../../../src/console/pages/policies/propose.ts'
import { issuerFor, type Registered, readPlace } from '../../../src/console/pages/policies/read-place.ts'
import { lintOf, shownPreset } from '../../support/shown-preset.ts'

const issuers: Registered[] = [
  { name: 'github', issuer: 'https://token.actions.githubusercontent.com', preset: 'github' },
  { name: 'octo-ghe', issuer: 'https://token.actions.octo.ghe.com', preset: 'github' },
  { name: 'server', issuer: 'https://git.corp.example/_services/token', preset: 'github' },
  { name: 'gitlab', issuer: 'https://gitlab.com', preset: 'gitlab' },
  { name: 'own-gitlab', issuer: 'https://lab.corp.example', preset: 'gitlab' },
  { name: 'circle', issuer: 'https://oidc.circleci.com/org/0f0c0f53-0b5e-4d0a-9a0c-6c2f3d1c7e11', preset: 'circleci' },
  { name: 'bk', issuer: 'https://agent.buildkite.com', preset: 'buildkite' },
  {
    name: 'bb',
    issuer: 'https://api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc',
    preset: 'bitbucket',
  },
  { name: 'tf', issuer: 'https://app.terraform.io', preset: 'hcp-terraform' },
  { name: 'tfe', issuer: 'https://tfe.corp.example', preset: 'hcp-terraform' },
  { name: 'vercel', issuer: 'https://oidc.vercel.com/acme', preset: 'vercel' },
  { name: 'fly', issuer: 'https://oidc.fly.io/acme', preset: 'fly' },
  { name: 'cluster', issuer: 'https://kubernetes.default.svc', preset: 'kubernetes' },
  { name: 'gcp', issuer: 'https://accounts.google.com', preset: 'gcp' },
  {
    name: 'entra',
    issuer: 'https://login.microsoftonline.com/aaaabbbb-0000-cccc-1111-dddd2222eeee/v2.0',
    preset: 'entra',
  },
  { name: 'aws', issuer: 'https://abc.tokens.sts.global.api.aws', preset: 'aws' },
  { name: 'spiffe', issuer: 'https://spire.corp.example', preset: 'spiffe' },
]

/** What is pasted, the issuer that is found, and the subject that comes of it. `chosen`: an issuer that was there before. */
const table: [pasted: string, issuer: string, subject: string, chosen?: string][] = [
  ['https://github.com/acme/app', 'github', 'repo:acme@<repository_owner_id>/app@<repository_id>:ref:refs/heads/main'],
  ['github.com/acme/app/', 'github', 'repo:acme@<repository_owner_id>/app@<repository_id>:ref:refs/heads/main'],
  [
    ' git@github.com:acme/app.git\n',
    'github',
    'repo:acme@<repository_owner_id>/app@<repository_id>:ref:refs/heads/main',
  ],
  [
    'ssh://git@github.com/acme/app.git',
    'github',
    'repo:acme@<repository_owner_id>/app@<repository_id>:ref:refs/heads/main',
  ],
  [
    'https://github.com/acme/app/tree/release/2.0',
    'github',
    'repo:acme@<repository_owner_id>/app@<repository_id>:ref:refs/heads/release/2.0',
  ],
  [
    'https://github.com/acme/app/releases/tag/v1.2.0',
    'github',
    'repo:acme@<repository_owner_id>/app@<repository_id>:ref:refs/tags/v1.2.0',
  ],
  [
    'https://github.com/acme/app/deployments/production',
    'github',
    'repo:acme@<repository_owner_id>/app@<repository_id>:environment:production',
  ],
  [
    'https://github.com/acme/app/pull/7',
    'github',
    'repo:acme@<repository_owner_id>/app@<repository_id>:ref:refs/heads/main',
  ],
  [
    'https://user:secret@github.com/acme/app',
    'github',
    'repo:acme@<repository_owner_id>/app@<repository_id>:ref:refs/heads/main',
  ],
  [
    'https://octo.ghe.com/acme/app',
    'octo-ghe',
    'repo:acme@<repository_owner_id>/app@<repository_id>:ref:refs/heads/main',
  ],
  [
    'https://git.corp.example/acme/app',
    'server',
    'repo:acme@<repository_owner_id>/app@<repository_id>:ref:refs/heads/main',
  ],
  ['acme/app', 'github', 'repo:acme@<repository_owner_id>/app@<repository_id>:ref:refs/heads/main', 'github'],
  ['https://gitlab.com/acme/tools/app', 'gitlab', 'project_path:acme/tools/app:ref_type:branch:ref:main'],
  ['https://gitlab.com/acme/app/-/tree/dev', 'gitlab', 'project_path:acme/app:ref_type:branch:ref:dev'],
  ['https://gitlab.com/acme/app/-/tags/v1', 'gitlab', 'project_path:acme/app:ref_type:tag:ref:v1'],
  ['git@gitlab.com:acme/app.git', 'gitlab', 'project_path:acme/app:ref_type:branch:ref:main'],
  ['https://lab.corp.example/acme/app/-/pipelines', 'own-gitlab', 'project_path:acme/app:ref_type:branch:ref:main'],
  [
    'https://app.circleci.com/pipelines/github/acme/app?branch=dev',
    'circle',
    'org/0f0c0f53-0b5e-4d0a-9a0c-6c2f3d1c7e11/project/<project_id>/user/*',
  ],
  [
    'https://circleci.com/gh/acme/app',
    'circle',
    'org/0f0c0f53-0b5e-4d0a-9a0c-6c2f3d1c7e11/project/<project_id>/user/*',
  ],
  [
    'https://buildkite.com/acme/deploy/builds/12',
    'bk',
    'organization:acme:pipeline:deploy:ref:refs/heads/main:commit:*:step:*',
  ],
  [
    'https://buildkite.com/organizations/acme/pipelines/deploy',
    'bk',
    'organization:acme:pipeline:deploy:ref:refs/heads/main:commit:*:step:*',
  ],
  ['https://bitbucket.org/acme/app/src/main', 'bb', '<repository_uuid>:*'],
  [
    'https://app.terraform.io/app/acme/workspaces/prod',
    'tf',
    'organization:acme:project:Default Project:workspace:prod:run_phase:apply',
  ],
  [
    'https://tfe.corp.example/app/acme/workspaces/prod',
    'tfe',
    'organization:acme:project:Default Project:workspace:prod:run_phase:apply',
  ],
  ['https://vercel.com/acme/site/deployments', 'vercel', 'owner:acme:project:site:environment:production'],
  ['https://fly.io/apps/trainer/monitoring', 'fly', 'acme:trainer:*'],
  ['https://trainer.fly.dev/', 'fly', 'acme:trainer:*'],
  ['system:serviceaccount:prod:deployer', 'cluster', 'system:serviceaccount:prod:deployer'],
  ['prod/deployer', 'cluster', 'system:serviceaccount:prod:deployer', 'cluster'],
  ['kubectl -n prod get serviceaccount/deployer', 'cluster', 'system:serviceaccount:prod:deployer'],
  ['trainer@octo-ml.iam.gserviceaccount.com', 'gcp', '<number>'],
  ['112233445566778899000', 'gcp', '112233445566778899000', 'gcp'],
  ['aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb', 'entra', 'aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb', 'entra'],
  ['arn:aws:iam::123456789012:role/trainer', 'aws', 'arn:aws:iam::123456789012:role/trainer'],
  ['arn:aws:sts::123456789012:assumed-role/trainer/i-1', 'aws', 'arn:aws:iam::123456789012:role/trainer'],
  ['spiffe://octo.example/ns/prod/sa/trainer', 'spiffe', 'spiffe://octo.example/ns/prod/sa/trainer'],
]

/** Of gaps, so that what was filled in is of the right form. */
const examples: Record<string, string> = {
  repository_id: '456789',
  repository_owner_id: '123456',
  project_id: '20',
  namespace_id: '72',
}

const chosenOf = (name: string | undefined) => issuers.find((one) => one.name === name)

describe('console/policies: addresses', () => {
  for (const [pasted, name, subject, chosen] of table)
    it(`reads ${JSON.stringify(pasted)}`, () => {
      const place = readPlace(pasted, { issuers, chosen: chosenOf(chosen) })
      if (!place) throw new Error('not understood')
      const issuer = issuerFor(place, issuers, chosenOf(chosen))
      expect(issuer?.name).to.equal(name)
      const preset = shownPreset(place.preset)
      const { members, known } = proposeForPlace(preset, place, knownOfIssuer(preset, issuer?.issuer ?? ''))
      expect(members.subject).to.equal(subject)
      expect(JSON.stringify(known)).not.to.include('secret')

      const draft = withMembers({ ...emptyDraft, issuer: name }, members)
      const filled = fillGaps(draft, Object.fromEntries(gapsOf(draft).map((gap) => [gap, examples[gap] ?? `${gap}-1`])))
      expect(gapsOf(filled)).to.deep.equal([])
      const { subject: written, match, rows } = filled
      const policy = { subject: written, match, conditions: rows.map(conditionOf) }
      const found = lintOf(policy, issuer?.issuer ?? '', place.preset)
      expect(found.map(({ rule, message }) => `${rule} ${message}`)).to.deep.equal([])
    })

  for (const text of [
    '',
    'hello',
    'acme/app',
    'https://github.com/acme',
    'https://github.com/settings/tokens',
    'https://github.com/orgs/acme/repositories',
    'https://github.com/acme/<img src=x onerror=alert(1)>',
    'https://github.com/acme%2Fother/app',
    'https://github.com/%ff/app',
    'https://github.com.evil.example/acme/app',
    'https://evil.example/github.com/acme/app',
    'https://gitlab.com/acme',
    'javascript:alert(1)//github.com/acme/app',
    'https://app.circleci.com/pipelines/svn/acme/app',
    'https://app.terraform.io/session',
    'arn:aws:iam::123456789012:user/alice',
    'arn:aws:iam::1:role/x',
    'prod/deployer',
    `https://github.com/${'a/'.repeat(5000)}`,
    'spiffe://octo.example',
  ])
    it(`does not understand ${JSON.stringify(text.slice(0, 60))}`, () => {
      expect(readPlace(text, { issuers, chosen: undefined })).to.equal(undefined)
    })

  it('takes no issuer of another instance, and none by chance', () => {
    const place = readPlace('https://github.com/acme/app', { issuers, chosen: undefined })
    if (!place) throw new Error('not understood')
    const [github, ghe, server, ...others] = issuers as [Registered, Registered, Registered]
    expect(issuerFor(place, [ghe, server, ...others])).to.equal(undefined)
    const own = (name: string) => ({ name, issuer: `https://${name}.example`, preset: 'github' })
    expect(issuerFor(place, [ghe, own('forge')])?.name).to.equal('forge')
    expect(issuerFor(place, [own('one'), own('two')])).to.equal(undefined)
    expect(issuerFor(place, [own('one'), own('two')], own('two'))?.name).to.equal('two')
    expect(issuerFor(place, [own('one'), github])?.name).to.equal('github')
  })

  it('reads forms back, and nothing that is too long for one', () => {
    expect(readForm('a:{x}:b:{y}', 'a:1:b:2:3')).to.deep.equal({ x: '1', y: '2:3' })
    expect(readForm('a:{x}:b:{y}', 'a:1:c:2')).to.equal(undefined)
    expect(readForm('{x}', 'a'.repeat(2000))).to.equal(undefined)
  })
})
