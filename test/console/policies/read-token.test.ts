/** Tokens that are pasted, good and hostile; and the policies that come of them, which they fit. */
import { expect } from 'chai'
import { emptyDraft, membersOf, withMembers } from '../../../src/console/pages/policies/draft.ts'
import { offeredClaims } from '../../../src/console/pages/policies/offered-claims.ts'
import { fitsGlob, proposeForToken } from '../../../src/console/pages/policies/propose.ts'
import { isLikeToken, type ReadToken, readToken } from '../../../src/console/pages/policies/read-token.ts'
import { tokenNotes } from '../../../src/console/pages/policies/token-notes.ts'
import { compilePolicy } from '../../../src/server/trust/compile.ts'
import { compileGlob } from '../../../src/server/trust/glob.ts'
import type { WrittenPolicy } from '../../../src/server/trust/policy.ts'
import { lintOf, shownPreset } from '../../support/shown-preset.ts'

const part = (text: string) => Buffer.from(text).toString('base64url')
const tokenOf = (claims: unknown, signature = 'c2lnbmF0dXJlLWxpa2U') =>
  `${part('{"alg":"RS256"}')}.${part(typeof claims === 'string' ? claims : JSON.stringify(claims))}.${signature}`
const read = (claims: unknown): ReadToken => {
  const found = readToken(tokenOf(claims))
  if ('fault' in found) throw new Error(found.fault)
  return found
}

const github = {
  iss: 'https://token.actions.githubusercontent.com',
  aud: 'https://id.example/orgs/acme',
  sub: 'repo:acme@123456/app@456789:ref:refs/heads/main',
  exp: 1_700_000_000,
  jti: 'x',
  repository: 'acme/app',
  repository_id: '456789',
  repository_owner: 'acme',
  repository_owner_id: '123456',
  ref: 'refs/heads/main',
  event_name: 'push',
}
const circle = '6f0c0f53-0b5e-4d0a-9a0c-6c2f3d1c7e11'
/** Claims of a job of each platform. */
const jobs: Record<string, [url: string, claims: Record<string, unknown>]> = {
  github: [github.iss, github],
  gitlab: [
    'https://gitlab.com',
    {
      sub: 'project_path:acme/app:ref_type:branch:ref:main',
      project_id: '20',
      namespace_id: '72',
      ref: 'main',
      ref_type: 'branch',
      ref_protected: 'true',
      environment: 'production',
    },
  ],
  circleci: [
    `https://oidc.circleci.com/org/${circle}`,
    {
      sub: `org/${circle}/project/${circle}/user/u-1`,
      'oidc.circleci.com/project-id': circle,
      'oidc.circleci.com/vcs-origin': 'github.com/acme/app',
      'oidc.circleci.com/vcs-ref': 'refs/heads/main',
      'oidc.circleci.com/ssh-rerun': false,
    },
  ],
  buildkite: [
    'https://agent.buildkite.com',
    {
      sub: 'organization:acme:pipeline:app:ref:refs/heads/main:commit:9f31:step:build',
      organization_id: 'o-1',
      pipeline_id: 'p-1',
      build_branch: 'main',
    },
  ],
  kubernetes: [
    'https://kubernetes.default.svc',
    {
      sub: 'system:serviceaccount:prod:deployer',
      'kubernetes.io': { namespace: 'prod', serviceaccount: { name: 'deployer', uid: 'u-1' } },
    },
  ],
  aws: [
    'https://abc.tokens.sts.global.api.aws',
    {
      sub: 'arn:aws:iam::123456789012:role/trainer',
      'https://sts.amazonaws.com/': { aws_account: '123456789012', org_id: 'o-1' },
    },
  ],
  fly: ['https://oidc.fly.io/acme', { sub: 'acme:trainer:m-1', org_id: '1', app_id: '2', machine_id: 'm-1' }],
}

describe('console/policies: tokens', () => {
  for (const [name, [url, claims]] of Object.entries(jobs))
    it(`makes of a token of ${name} a policy that it fits, and lint has nothing against`, () => {
      const { members, notes } = proposeForToken(shownPreset(name), read(claims), {})
      expect(notes).to.deep.equal([])
      expect(lintOf(members, url, name).map(({ message }) => message)).to.deep.equal([])
      const { conditions, ...rest } = membersOf(withMembers(emptyDraft, members))
      const ids = { id: 'tp_1', name: 'main', issuerId: 'iss_1', state: 'live' as const }
      const made = compilePolicy({ ...rest, ...ids, conditions } as unknown as WrittenPolicy & typeof ids)
      if (!made.ok) throw new Error(JSON.stringify(made))
      expect(made.policy.conditions.filter((one) => !one.holds(claims as never))).to.deep.equal([])
      const fits =
        members.match === 'glob' ? fitsGlob(members.subject, String(claims.sub)) : members.subject === claims.sub
      expect(fits).to.equal(true)
    })

  it('says what the recommended policy keeps out, and what the token does not say', () => {
    const { notes } = proposeForToken(
      shownPreset('github'),
      read({ ...github, event_name: 'pull_request', repository_owner_id: undefined }),
      {},
    )
    expect(notes).to.deep.equal([
      'The token does not say repository_owner_id, which the preset asks for: it is left out.',
      'The token says event_name "pull_request", which the recommended policy does not let in.',
    ])
  })

  it('keeps the subject as it is where it is of no form that is known', () => {
    const { members } = proposeForToken(shownPreset('fly'), read({ sub: 'a-custom-one', org_id: '1' }), {})
    expect([members.subject, members.match]).to.deep.equal(['a-custom-one', 'exact'])
  })

  it('gives back nothing of the signature or the header', () => {
    const found = read(github)
    expect(JSON.stringify(found)).not.to.include('c2lnbmF0dXJl').and.not.to.include('RS256')
    expect([found.issuer, found.audiences, found.expires]).to.deep.equal([github.iss, [github.aud], 1_700_000_000])
    expect(found.claims.map(({ claim }) => claim)).not.to.include.members(['jti', 'exp', 'aud', 'sub'])
  })

  it('shows hostile claims as the texts that they are', () => {
    const name = '<img src=x onerror=alert(1)>'
    const hostile = JSON.stringify({ sub: name, [name]: name, 'a/b~c': { d: 1 }, list: ['x', {}, null, 7] })
    const found = read(`${hostile.slice(0, -1)},"__proto__":{"polluted":"yes"},"constructor":"c"}`)
    expect(found.claims).to.deep.equal([
      { claim: name, values: [name] },
      { claim: '/a~1b~0c/d', values: [1] },
      { claim: 'list', values: ['x', 7] },
      { claim: '/__proto__/polluted', values: ['yes'] },
      { claim: 'constructor', values: ['c'] },
    ])
    expect(({} as Record<string, unknown>).polluted).to.equal(undefined)
    const offered = offeredClaims(shownPreset('github'), found, {}).flatMap(({ claims }) => claims)
    expect(offered.find(({ claim }) => claim === name)?.value).to.equal(name)
    expect(offered.find(({ claim }) => claim === 'repository_id')?.value).to.equal('<repository_id>')
  })

  it('leaves out what no condition can be equal to, and stops at a depth and at a number', () => {
    const deep = JSON.parse(`${'{"a":'.repeat(1000)}1${'}'.repeat(1000)}`)
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`c${index}`, index]))
    expect(read({ sub: 's', n: null, e: '', l: [], long: 'x'.repeat(2000), a: deep }).claims).to.deep.equal([])
    expect(read('{"big":12345678901234567890}').claims).to.deep.equal([])
    expect(read({ a: { b: { c: { d: 1, e: { f: 2 } } } } }).claims).to.deep.equal([{ claim: '/a/b/c/d', values: [1] }])
    expect(read(many).claims.length).to.equal(100)
  })

  for (const [what, text] of [
    ['nothing', ''],
    ['no dots', 'hello'],
    ['five parts', 'a.b.c.d.e'],
    ['no base64url', 'ey.!!!.x'],
    ['no JSON', `ey.${part('hello')}.x`],
    ['a list', `ey.${part('[1]')}.x`],
    ['null', `ey.${part('null')}.x`],
    ['half of it', `ey.${part(JSON.stringify(github)).slice(0, 40)}.x`],
    ['no UTF-8', `ey.${Buffer.from([0x7b, 0xff, 0xfe, 0x7d]).toString('base64url')}.x`],
    ['100 KB', tokenOf({ sub: 'x'.repeat(100_000) })],
    ['brackets without end', tokenOf('['.repeat(12_000))],
  ])
    it(`says what is wrong with ${what}, and repeats nothing of it`, () => {
      const found = readToken(text ?? '')
      if (!('fault' in found)) throw new Error('read')
      expect(found.fault).to.match(/^Its? .+\.$/)
      if (text) expect(found.fault).not.to.include(text.slice(0, 8))
    })

  it('knows a token, with what people copy along, from an address', () => {
    const token = tokenOf(github)
    for (const text of [token, ` ${token}\n`, `Bearer ${token}`, `Authorization: Bearer ${token}`]) {
      expect(isLikeToken(text), text.slice(0, 30)).to.equal(true)
      expect(readToken(text)).not.to.have.property('fault')
    }
    for (const text of ['https://github.com/acme/app', 'acme/app', 'arn:aws:iam::1:role/x', 'api.github.com', ''])
      expect(isLikeToken(text), text).to.equal(false)
  })

  it('says what to know of it', () => {
    const issuer = { name: 'github', enabled: true, audiences: ['other'] }
    const notes = tokenNotes(read(github), issuer, 1_800_000_000_000).join('\n')
    expect(notes)
      .to.match(/accepts other alone/)
      .and.match(/has expired/)
      .and.match(/Nobody has verified/)
    expect(tokenNotes(read(github), undefined, 0)[0]).to.include('No registered issuer has its URL')
    expect(tokenNotes(read({}), undefined, 0)[0]).to.include('choose the issuer yourself')
    expect(tokenNotes(read(github), { ...issuer, enabled: false }, 0)[0]).to.include('disabled')
  })

  it('fits patterns as the service does', () => {
    const texts = ['', 'a', 'ab', 'abc', 'aXbXc', 'a:b/c', 'aaaaab', '*', 'ä', '😀b']
    const patterns = ['', '*', 'a*', '*c', 'a*b*c', '?', '??', 'a?c', '*a*b', '**', '\\*', '?b', '[a]']
    for (const text of texts)
      for (const pattern of patterns)
        expect(fitsGlob(pattern, text), `${pattern} ${text}`).to.equal(compileGlob(pattern)(text))
  })
})
