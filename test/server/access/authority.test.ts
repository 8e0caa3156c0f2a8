import { expect } from 'chai'
import { auditedTeams, type Caller, may, type Right, sees } from '../../../src/server/access/authority.ts'

const user = (role: 'admin' | 'member' | 'viewer', teams: Record<string, 'admin' | 'member'> = {}): Caller => ({
  type: 'user',
  readOnly: false,
  id: 'user_1',
  name: 'ada',
  orgId: 'org_1',
  org: 'acme',
  role,
  teams: new Map(Object.entries(teams)),
})
const account = (admin: boolean, teamId: string | null): Caller => ({
  type: 'service_account',
  readOnly: false,
  id: 'sa_1',
  name: 'bot',
  orgId: 'org_1',
  org: 'acme',
  admin,
  teamId,
})
const server: Caller = {
  type: 'resource_server',
  id: 'rs_1',
  name: 'api',
  orgId: 'org_1',
  org: 'acme',
  audience: 'https://api.example',
}
const here = { orgId: 'org_1', teamId: 'team_1' }

/** Rights in the organization org_1 and its team team_1; every right that is not listed is not had. */
const table: [who: string, caller: Caller, has: Right[]][] = [
  [
    'the operator',
    { type: 'operator' },
    ['anybody', 'operator', 'orgAdmin', 'anyTeamAdmin', 'teamAdmin', 'teamMember', 'orgMember'],
  ],
  [
    'an admin of the organization',
    user('admin'),
    ['anybody', 'orgAdmin', 'anyTeamAdmin', 'teamAdmin', 'teamMember', 'orgMember'],
  ],
  [
    'an admin of the team',
    user('member', { team_1: 'admin' }),
    ['anybody', 'anyTeamAdmin', 'teamAdmin', 'teamMember', 'orgMember'],
  ],
  [
    'an admin of the team who only views the organization',
    user('viewer', { team_1: 'admin' }),
    ['anybody', 'anyTeamAdmin', 'teamAdmin', 'teamMember', 'orgMember'],
  ],
  ['an admin of another team', user('member', { team_2: 'admin' }), ['anybody', 'anyTeamAdmin', 'orgMember']],
  ['a member of the team', user('member', { team_1: 'member' }), ['anybody', 'teamMember', 'orgMember']],
  ['a user in no team', user('member'), ['anybody', 'orgMember']],
  ['an account of the team', account(false, 'team_1'), ['anybody', 'teamMember', 'orgMember']],
  [
    'an administering account of the team',
    account(true, 'team_1'),
    ['anybody', 'anyTeamAdmin', 'teamAdmin', 'teamMember', 'orgMember'],
  ],
  ['an administering account of another team', account(true, 'team_2'), ['anybody', 'anyTeamAdmin', 'orgMember']],
  ['an account of the organization', account(false, null), ['anybody', 'orgMember']],
  [
    'an administering account of the organization',
    account(true, null),
    ['anybody', 'orgAdmin', 'anyTeamAdmin', 'teamAdmin', 'teamMember', 'orgMember'],
  ],
  ['a resource server', server, ['anybody']],
]
const rights: Right[] = ['anybody', 'operator', 'orgAdmin', 'anyTeamAdmin', 'teamAdmin', 'teamMember', 'orgMember']

describe('access/authority', () => {
  for (const [who, caller, has] of table) {
    it(`gives ${who} what the table says, and no more`, () => {
      expect(rights.filter((right) => may(caller, right, here))).to.have.members(has)
    })
    if (caller.type === 'operator') continue
    it(`gives ${who} nothing in another organization, and does not show it`, () => {
      const elsewhere = { orgId: 'org_2', teamId: 'team_1' }
      expect(sees(caller, elsewhere)).to.equal(false)
      expect(rights.filter((right) => right !== 'anybody' && may(caller, right, elsewhere))).to.deep.equal([])
    })
  }

  it('shows the events of the teams that one administers', () => {
    expect(auditedTeams(user('admin'))).to.equal('all')
    expect(auditedTeams(user('member', { team_1: 'admin', team_2: 'member' }))).to.deep.equal(['team_1'])
    expect(auditedTeams(account(true, 'team_1'))).to.deep.equal(['team_1'])
    expect(auditedTeams(account(true, null))).to.equal('all')
    expect(auditedTeams(account(false, 'team_1'))).to.deep.equal([])
    expect(auditedTeams(server)).to.deep.equal([])
  })
})
