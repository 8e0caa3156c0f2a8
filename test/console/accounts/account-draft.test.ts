import { expect } from 'chai'
import { parse } from 'yaml'
import {
  bodyOf,
  cliOf,
  collectionOf,
  type Draft,
  emptyDraft,
  fileOf,
  nameFault,
  sdkOf,
  slugOf,
} from '../../../src/console/pages/accounts/account-draft.ts'

describe('console/pages/accounts/account-draft', () => {
  const reporter: Draft = { ...emptyDraft, name: 'reporter', team: 'ml' }
  const trainer: Draft = {
    ...emptyDraft,
    scope: 'team',
    team: 'ml',
    name: 'trainer',
    method: 'federated',
    access: 'read',
    tokenTtl: 600,
    description: " It's nightly ",
    admin: true,
    dpop: true,
  }

  it('makes a name of free text', () => {
    expect(slugOf('Nightly Reports')).to.equal('nightly-reports')
    expect(slugOf('  Überprüfung #2! ')).to.equal('u-berpru-fung-2')
    expect(slugOf('_a_b_')).to.equal('a_b_')
    expect(slugOf('x'.repeat(99))).to.have.length(64)
    for (const text of ['Nightly Reports', '-x-', 'Ärger']) expect(nameFault(slugOf(text))).to.equal(undefined)
  })

  for (const name of ['Robot', '-robot', 'a b', 'x'.repeat(65), 'sa_01m8q0g91n35dfn6emy0wq4vxn'])
    it(`refuses ${name}`, () => expect(nameFault(name)).to.be.a('string'))

  it('says nothing of what is so by itself', () => {
    expect(bodyOf(reporter)).to.deep.equal({ name: 'reporter', default_team: 'ml' })
    expect(collectionOf('acme', reporter)).to.equal('/orgs/acme/service-accounts')
    expect(cliOf(reporter)).to.equal('countersign sa create reporter \\\n  --default-team ml')
    expect(parse(fileOf('acme', reporter))).to.deep.equal({
      organization: 'acme',
      service_accounts: { reporter: { default_team: 'ml' } },
    })
  })

  it('says all that is chosen, in each of them', () => {
    const more = { access: 'read', admin: true, token_ttl: 600, dpop_bound_access_tokens: true }
    const fields = { ...more, description: "It's nightly" }
    expect(bodyOf(trainer)).to.deep.equal({ name: 'trainer', method: 'federated', ...fields })
    expect(collectionOf('acme', trainer)).to.equal('/orgs/acme/teams/ml/service-accounts')
    expect(cliOf(trainer).replaceAll(' \\\n ', '')).to.equal(
      `countersign sa create ml/trainer --method federated --access read --token-ttl 10m --description 'It'\\''s nightly' --admin --dpop`,
    )
    expect(parse(fileOf('acme', trainer))).to.deep.equal({
      organization: 'acme',
      teams: { ml: { service_accounts: { trainer: { method: 'federated', ...fields } } } },
    })
  })

  it('has an organization-scoped account by its key, whatever was chosen before', () => {
    expect(bodyOf({ ...trainer, scope: 'organization' })).to.not.have.property('method')
    expect(cliOf({ ...trainer, scope: 'organization' })).to.not.contain('federated')
  })

  it('names the account to the SDK only where a token may become several', () => {
    const url = 'https://countersign.example/orgs/acme'
    expect(sdkOf(url, trainer)).to.contain("serviceAccount: 'ml/trainer'")
    expect(sdkOf(url, reporter)).to.contain('COUNTERSIGN_API_KEY').and.not.contain('serviceAccount')
  })
})
