import { expect } from 'chai'
import { loadPresets } from '../../../src/server/presets.ts'
import { recommendFor } from '../../../src/server/trust/recommend.ts'

/** What each preset makes of a token of its own: test/vectors/presets.json. Here: what is not as it should be. */
describe('trust/recommend', () => {
  const presets = loadPresets()
  const recommended = (name: string, claims: object) => {
    const preset = presets.find(name)
    if (!preset) throw new Error(name)
    return recommendFor(preset, claims as never)
  }
  const bySlug = {
    sub: 'organization:acme:pipeline:app:ref:refs/heads/main:commit:9f3:step:build',
    build_branch: 'main',
  }
  const branch = { claim: 'build_branch', op: 'equals', value: 'main' }

  it('says which ids a token lacks, and how to get them', () => {
    expect(recommended('buildkite', bySlug)).to.deep.equal({
      subject: 'organization:acme:pipeline:app:ref:refs/heads/main:commit:*:step:*',
      match: 'glob',
      conditions: [branch],
      missing: ['organization_id', 'pipeline_id'],
      notes: [
        'The token has no organization_id: request the token with --claim organization_id.',
        'The token has no pipeline_id: request the token with --claim pipeline_id.',
      ],
    })
  })

  it('takes the token for what it is where the preset asks for something else, and says so', () => {
    const claims = {
      sub: 'project_path:acme/app:ref_type:branch:ref:dev',
      namespace_id: '72',
      project_id: '20',
      ref_type: 'branch',
      ref: 'dev',
      ref_protected: 'false',
    }
    const { conditions, notes, missing } = recommended('gitlab', claims)
    expect(conditions.at(-1)).to.deep.equal({ claim: 'ref_protected', op: 'equals', value: 'false' })
    expect(notes).to.deep.equal(['ref_protected is "false" in this token; "true" is recommended.'])
    expect(missing).to.deep.equal([])
    const scheduled = { sub: 'x', event_name: 'schedule' }
    expect(recommended('github', scheduled).notes.at(-1)).to.equal(
      'event_name is "schedule" in this token; one of "push", "workflow_dispatch" is recommended.',
    )
  })

  it('keeps the kind that the token has', () => {
    const { conditions } = recommended('circleci', {
      sub: 'org/a/project/b/user/c',
      'oidc.circleci.com/ssh-rerun': true,
    })
    expect(conditions).to.deep.equal([{ claim: 'oidc.circleci.com/ssh-rerun', op: 'equals', value: true }])
  })

  const whole: [why: string, sub: string][] = [
    ['of another form', 'pipeline:app'],
    ['with a star in it, which would open the pattern', bySlug.sub.replace('acme', 'ac*me')],
    ['with a question mark in it', bySlug.sub.replace('main', 'm?in')],
    ['with a line break before the end', `${bySlug.sub.slice(0, 40)}\n`],
  ]
  for (const [why, sub] of whole)
    it(`takes a subject whole ${why}`, () => {
      const { subject, match, notes } = recommended('buildkite', { ...bySlug, sub })
      expect({ subject, match }).to.deep.equal({ subject: sub, match: 'exact' })
      expect(notes[0]).to.contain('another form')
    })

  it('takes the shortest piece of the subject that will do', () => {
    const sub = 'org/A/project/B/user/C/vcs-origin/github.com/x/project/y/user/z/vcs-ref/refs/heads/main'
    expect(recommended('circleci', { sub }).subject).to.equal('org/A/project/B/user/*')
  })

  it('compares nothing with what has parts', () => {
    const { conditions, missing } = recommended('gitlab', { sub: 'x', project_id: ['20'], namespace_id: { id: 72 } })
    expect(conditions).to.deep.equal([])
    expect(missing).to.include.members(['project_id', 'namespace_id'])
  })

  it('is not slowed by a subject made for it', () => {
    const from = performance.now()
    for (const piece of [':commit:', '/project/', 'organization:', ':step:', 'a'])
      recommended('buildkite', { sub: `organization:${piece.repeat(1_024 / piece.length)}` })
    recommended('circleci', { sub: `org/${'/project/x/user/'.repeat(64)}:` })
    expect(performance.now() - from).to.be.lessThan(200)
  })

  it('of claims that say nothing makes a policy that lets nobody in', () => {
    for (const preset of presets.all) {
      const { subject, match } = recommendFor(preset, {})
      expect({ subject, match }, preset.name).to.deep.equal({ subject: '', match: 'exact' })
    }
  })
})
