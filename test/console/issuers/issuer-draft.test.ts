import { expect } from 'chai'
import { cliOf, yamlOfIssuer } from '../../../src/console/pages/issuers/issuer-code.ts'
import { bettered, bodyOf, draftOf, emptyDraft, patchOf } from '../../../src/console/pages/issuers/issuer-draft.ts'
import { filledForm, issuerNameFor, isWholeUrl, placeholdersIn } from '../../../src/console/pages/issuers/url-forms.ts'
import { whatToDo } from '../../../src/console/pages/issuers/what-to-do.ts'

const all = ['RS256', 'ES256']
const issuer = {
  id: 'iss_1',
  name: 'ci',
  created_at: '2026-11-30T00:00:00Z',
  updated_at: '2026-11-30T00:00:00Z',
  issuer: 'https://ci.example',
  audiences: ['acme'],
  clock_tolerance: 60,
  max_token_age: 86_400,
  algorithms: all,
  single_use: false,
  single_use_grace: 0,
  bound_lifetime: false,
  extra_audiences: false,
  users: false,
  user_claim: 'sub' as const,
  enabled: true,
  jwks_uri: null,
  jwks: null,
  preset: null,
  managed_by: null,
  health: { state: 'ok' as const, keys: [] },
}

describe('console/issuers/issuer-draft', () => {
  it('sends what was chosen and nothing that is so by itself', () => {
    const draft = { ...emptyDraft, issuer: ' https://ci.example ' }
    expect(bodyOf(draft)).to.deep.equal({ name: 'ci-example', issuer: 'https://ci.example' })
    const chosen = {
      ...draft,
      name: 'ci',
      preset: 'gitlab',
      audiences: ['acme'],
      clockTolerance: '30',
      singleUse: true,
      singleUseGrace: '5',
      users: true,
      userClaim: 'email' as const,
      overrideReason: ' it is ours alone ',
    }
    expect(bodyOf(chosen)).to.deep.equal({
      name: 'ci',
      issuer: 'https://ci.example',
      preset: 'gitlab',
      audiences: ['acme'],
      clock_tolerance: 30,
      single_use: true,
      single_use_grace: 5,
      users: true,
      user_claim: 'email',
      override_reason: 'it is ours alone',
    })
  })

  it('never sends keys that hold a secret', () => {
    const keysText = JSON.stringify({ keys: [{ kty: 'OKP', crv: 'Ed25519', x: 'a', d: 'b' }] })
    expect(bodyOf({ ...emptyDraft, issuer: 'https://a.example', source: 'upload', keysText })).to.not.have.property(
      'jwks',
    )
  })

  it('changes only what is different', () => {
    const before = draftOf(issuer, all)
    expect(patchOf(before, before)).to.deep.equal({})
    expect(patchOf(before, { ...before, overrideReason: 'because it is so' })).to.deep.equal({})
    expect(patchOf(before, { ...before, name: 'cd', singleUse: true, clockTolerance: '' })).to.deep.equal({
      name: 'cd',
      single_use: true,
      clock_tolerance: null,
    })
    const keys = [{ kty: 'OKP', crv: 'Ed25519', x: 'a' }]
    const uploaded = { ...before, source: 'upload' as const, keysText: JSON.stringify({ keys }) }
    expect(patchOf(before, uploaded)).to.deep.equal({ jwks: { keys } })
    expect(patchOf(uploaded, { ...before, source: 'jwks_uri', jwksUri: 'https://a.example/k' })).to.deep.equal({
      jwks: null,
      jwks_uri: 'https://a.example/k',
    })
    expect(patchOf({ ...before, algorithms: ['RS256'] }, before)).to.deep.equal({ algorithms: null })
  })

  it('takes over what lint says would be better, where that is known', () => {
    expect(bettered(emptyDraft, { single_use: true })).to.deep.equal({ ...emptyDraft, singleUse: true })
    expect(bettered(emptyDraft, { issuer: 'https://<host>' })).to.equal(undefined)
    expect(bettered(emptyDraft, { jwks: {} })).to.equal(undefined)
  })
})

describe('console/issuers/issuer-code', () => {
  it('is what the command line takes', () => {
    const body = {
      name: 'ci',
      issuer: 'https://ci.example',
      audiences: ['a b'],
      max_token_age: 900,
      single_use: true,
      jwks: {},
    }
    expect(cliOf('add', 'https://ci.example', body)).to.equal(
      "countersign issuer add https://ci.example \\\n  --name ci \\\n  --audience 'a b' \\\n  --max-token-age 900s \\\n  --single-use \\\n  --jwks-file keys.json",
    )
    expect(cliOf('update', 'ci', { jwks: null })).to.equal('countersign issuer update ci \\\n  --discovery')
    expect(cliOf('update', 'ci', { users: false })).to.equal(undefined)
  })
  it('is what a file has', () => {
    expect(yamlOfIssuer('acme', { name: 'ci', issuer: 'https://ci.example' })).to.equal(
      'organization: acme\nissuers:\n  ci:\n    issuer: https://ci.example',
    )
  })
})

describe('console/issuers/url-forms', () => {
  const form = 'https://oidc.eks.{region}.amazonaws.com/id/{cluster}'
  it('are filled in, and whole when nothing is missing', () => {
    expect(placeholdersIn(form)).to.deep.equal(['region', 'cluster'])
    expect(filledForm(form, { region: 'eu' })).to.equal('https://oidc.eks.eu.amazonaws.com/id/{cluster}')
    expect(isWholeUrl(filledForm(form, { region: 'eu' }))).to.equal(false)
    expect(isWholeUrl(filledForm(form, { region: 'eu', cluster: '$&' }))).to.equal(true)
    for (const text of ['', 'https://', 'https:// a', 'ftp://a.example', 'a.example'])
      expect(isWholeUrl(text)).to.equal(false)
  })
  it('give a name as the command line does', () => {
    expect(issuerNameFor('https://gitlab.corp.example:8443/x', null)).to.equal('gitlab-corp-example-8443')
    expect(issuerNameFor('https://a.example', 'github')).to.equal('github')
    expect(issuerNameFor('https://a.example', 'custom')).to.equal('a-example')
  })
})

describe('console/issuers/what-to-do', () => {
  it('names the private network where that may be it', () => {
    const said = 'could not be reached: it must answer from an allowed public address, with a valid certificate, in 5 s'
    expect(whatToDo('discovery', said, 'https://idp.corp.example'))
      .to.contain('ISSUER_NETWORK')
      .and.contain('Upload')
    expect(whatToDo('url', 'must name a host by its full domain name', 'https://idp')).to.contain('ISSUER_NETWORK')
  })
  it('names the slash where another issuer is borne', () => {
    const said = 'bears another issuer than the registered one; the comparison is exact'
    expect(whatToDo('issuer', said, 'https://a.example')).to.contain('perhaps https://a.example/')
  })
})
