/** What an access token says: RFC 9068 §2.2, RFC 9449 §6.1 and the contract's "The access token". */
import { expect } from 'chai'
import type { Principal } from '../../../src/server/accounts/principal.ts'
import { claimsOf, everything, type Grant, lifetimeOf, revocableIds } from '../../../src/server/tokens/claims.ts'

const now = 1_700_000_000
const federated: Principal = {
  id: 'sa_1',
  type: 'service_account',
  name: 'deploy',
  orgId: 'org_1',
  org: 'acme',
  team: 'ml',
  teamId: 'team_1',
  method: 'federated',
  idp: { iss: 'https://idp.example', sub: 'job-1' },
  via: ['tp_1', 'iss_1'],
}
const person: Principal = {
  id: 'user_1',
  type: 'user',
  name: 'ada',
  orgId: 'org_1',
  org: 'acme',
  method: 'api_key',
  via: ['key_1'],
}
const grant: Grant = { principal: federated, scope: 'projects:read', audience: 'https://api.example', lifetime: 900 }
const said = (changes: Partial<Grant> = {}) =>
  claimsOf({ ...grant, ...changes }, 'https://us.example', now, '01J00000000000000000000000')

describe('tokens/claims', () => {
  it('says of a federated account all that the contract names, and no more', () => {
    expect(said()).to.deep.equal({
      iss: 'https://us.example',
      sub: 'sa_1',
      client_id: 'sa_1',
      aud: 'https://api.example',
      exp: now + 900,
      iat: now,
      jti: '01J00000000000000000000000.tp_1.iss_1',
      scope: 'projects:read',
      org: 'acme',
      team: 'ml',
      principal: 'service_account',
      name: 'deploy',
      method: 'federated',
      idp: { iss: 'https://idp.example', sub: 'job-1' },
    })
  })

  it('says of a person no team, and of a key no identity provider', () => {
    const claims = said({ principal: person })
    expect(claims).to.include({ sub: 'user_1', client_id: 'user_1', principal: 'user', method: 'api_key', name: 'ada' })
    expect(claims).to.not.have.any.keys('team', 'idp', 'cnf')
  })

  it('has every claim that RFC 9068 requires', () =>
    expect(said({ principal: person })).to.include.all.keys('iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti'))

  it('names the key that it is bound to by its thumbprint alone', () => {
    const proof = { jkt: 'thumbprint', digest: 'of the proof' }
    expect(said({ proof }).cnf).to.deep.equal({ jkt: 'thumbprint' })
  })

  it('is ended by its own id, its subject’s, by each that it came from, and by everything', () => {
    const { token, others } = revocableIds(said())
    expect(token).to.equal('01J00000000000000000000000.tp_1.iss_1')
    expect(others).to.have.members([everything, 'sa_1', 'tp_1', 'iss_1'])
  })

  it('is not ended by an id that begins it: those of two tokens never meet', () =>
    expect(revocableIds({ jti: '01J.key_1', sub: 'user_1' }).others).to.not.include('01J'))

  it('has an id for everything that is no object’s', () => expect(everything).to.equal('*'))

  const lives: [what: string, account: number, asked: number | undefined, left: number | undefined, lives: number][] = [
    ['as long as the account’s tokens do', 900, undefined, undefined, 900],
    ['no longer than was asked for', 900, 60, undefined, 60],
    ['no longer than the account’s tokens, whatever was asked for', 900, 3_600, undefined, 900],
    ['no longer than what it is bound to', 900, undefined, 30, 30],
    ['no longer than what it is bound to, whatever was asked for', 900, 60, 30, 30],
    ['in whole seconds, rounded down', 900, undefined, 30.9, 30],
    ['no time at all, when what it is bound to has none left', 900, 60, 0, 0],
  ]
  for (const [what, account, asked, left, seconds] of lives)
    it(`lives ${what}`, () => expect(lifetimeOf(account, asked, left)).to.equal(seconds))
})
