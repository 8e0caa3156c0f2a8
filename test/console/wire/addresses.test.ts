/** How names stand in the console's addresses, and what the console offers to whom. */
import { expect } from 'chai'
import { fromAddress, inAddress } from '../../../src/console/wire/addresses.ts'
import {
  isAnyTeamAdmin,
  isOrgAdmin,
  isTeamAdmin,
  mayChange,
  mayChangeOrg,
  mayChangeTeam,
} from '../../../src/console/wire/rights.ts'
import type { Me } from '../../../src/console/wire/shapes.ts'

describe('console: addresses', () => {
  it('write a name that a page has with a ~ before it, and read it back', () => {
    expect(inAddress('team', 'ml')).to.equal('ml')
    expect(inAddress('team', 'issuers')).to.equal('~issuers')
    expect(inAddress('organization', 'docs')).to.equal('~docs')
    // What has been written is not written anew.
    expect(inAddress('team', inAddress('team', 'issuers'))).to.equal('~issuers')
    for (const name of ['ml', 'issuers', 'constructor']) expect(fromAddress(inAddress('team', name))).to.equal(name)
  })
})

describe('console: what is offered', () => {
  const account: Me = { type: 'service_account', id: 'sa_1', name: 'robot', org: 'acme', admin: true, access: 'write' }
  it('to a service account of a team, its team alone', () => {
    const me = { ...account, team: 'ml' }
    expect([isOrgAdmin(me), isAnyTeamAdmin(me), isTeamAdmin(me, 'ml'), isTeamAdmin(me, 'core')]).to.deep.equal([
      false,
      true,
      true,
      false,
    ])
  })
  it('to one of the organization, all of it', () => {
    expect(isOrgAdmin({ ...account, team: null })).to.equal(true)
    expect(isOrgAdmin({ ...account, team: null, admin: false })).to.equal(false)
  })
  it('to whoever may but read, no change', () => {
    const reader: Me = { ...account, team: null, access: 'read' }
    expect([isOrgAdmin(reader), mayChange(reader), mayChangeOrg(reader)]).to.deep.equal([true, false, false])
    expect(mayChangeOrg({ ...account, team: null })).to.equal(true)
    expect(mayChangeOrg({ ...account, team: 'ml' })).to.equal(false)
    const viewer: Me = { type: 'user', role: 'viewer', teams: [{ team: 'ml', role: 'admin' }] }
    expect([isTeamAdmin(viewer, 'ml'), mayChangeTeam(viewer, 'ml')]).to.deep.equal([true, false])
  })
})
