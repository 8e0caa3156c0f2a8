import { expect } from 'chai'
import {
  auditedTeams,
  type Caller,
  isOrgAdmin,
  may,
  mayChange,
  type Right,
  sees,
} from '../../../src/server/access/authority.ts'
import type { ProjectRole } from '../../../src/server/accounts/model.ts'

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
  bound: false,
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
/** A restricted project of that team, where the caller has no role. */
const there = { ...here, project: { restricted: true, role: undefined } }
const all: Right[] = [
  'anybody',
  'operator',
  'orgAdmin',
  'anyTeamAdmin',
  'teamAdmin',
  'teamMember',
  'projectAdmin',
  'projectMember',
  'orgMember',
]

/** Rights in the organization org_1, its team team_1 and a restricted project there; every right that is not listed is not had. */
const table: [who: string, caller: Caller, has: Right[]][] = [
  ['the operator', { type: 'operator' }, [...all]],
  [
    'an admin of the organization',
    user('admin'),
    ['anybody', 'orgAdmin', 'anyTeamAdmin', 'teamAdmin', 'teamMember', 'projectAdmin', 'projectMember', 'orgMember'],
  ],
  [
    'an admin of the team',
    user('member', { team_1: 'admin' }),
    ['anybody', 'anyTeamAdmin', 'teamAdmin', 'teamMember', 'projectAdmin', 'projectMember', 'orgMember'],
  ],
  [
    'an admin of the team who only views the organization',
    user('viewer', { team_1: 'admin' }),
    ['anybody', 'anyTeamAdmin', 'teamAdmin', 'teamMember', 'projectAdmin', 'projectMember', 'orgMember'],
  ],
  ['an admin of another team', user('member', { team_2: 'admin' }), ['anybody', 'anyTeamAdmin', 'orgMember']],
  ['a member of the team', user('member', { team_1: 'member' }), ['anybody', 'teamMember', 'orgMember']],
  ['a user in no team', user('member'), ['anybody', 'orgMember']],
  ['an account of the team', account(false, 'team_1'), ['anybody', 'teamMember', 'orgMember']],
  [
    'an administering account of the team',
    account(true, 'team_1'),
    ['anybody', 'anyTeamAdmin', 'teamAdmin', 'teamMember', 'projectAdmin', 'projectMember', 'orgMember'],
  ],
  ['an administering account of another team', account(true, 'team_2'), ['anybody', 'anyTeamAdmin', 'orgMember']],
  ['an account of the organization', account(false, null), ['anybody', 'orgMember']],
  [
    'an administering account of the organization',
    account(true, null),
    ['anybody', 'orgAdmin', 'anyTeamAdmin', 'teamAdmin', 'teamMember', 'projectAdmin', 'projectMember', 'orgMember'],
  ],
  ['a resource server', server, ['anybody']],
]

/** What a role in a project adds to what its bearer may anyway. */
const inProject: [who: string, caller: Caller, restricted: boolean, role: ProjectRole, has: Right[]][] = [
  ['an admin of a restricted project', user('member'), true, 'admin', ['projectAdmin', 'projectMember']],
  ['an editor', user('member'), true, 'editor', ['projectMember']],
  ['a viewer', user('member'), true, 'viewer', ['projectMember']],
  ['an admin of a project that is not restricted', user('member'), false, 'admin', []],
  [
    'a member of the team, admin of an open project',
    user('member', { team_1: 'member' }),
    false,
    'admin',
    ['projectMember'],
  ],
  ['an account with the role admin', account(false, 'team_1'), true, 'admin', ['projectMember']],
  ['an account of the organization with the role admin', account(false, null), true, 'admin', ['projectMember']],
  ['an account of another team, whatever its role', account(false, 'team_2'), true, 'admin', []],
  ['an administering account of another team, whatever its role', account(true, 'team_2'), true, 'editor', []],
]

describe('access/authority', () => {
  for (const [who, caller, restricted, role, has] of inProject) {
    it(`gives ${who} what the role in the project says`, () => {
      const place = { ...here, project: { restricted, role } }
      const rights: Right[] = ['projectAdmin', 'projectMember']
      expect(rights.filter((right) => may(caller, right, place))).to.have.members(has)
      expect(rights.filter((right) => may(caller, right, { ...place, orgId: 'org_2' }))).to.deep.equal([])
    })
  }

  for (const [who, caller, has] of table) {
    it(`gives ${who} what the table says, and no more`, () => {
      const answers = all.map((right) => [right, may(caller, right, there)])
      expect(answers).to.deep.equal(all.map((right) => [right, has.includes(right)]))
    })
    if (caller.type === 'operator') continue
    it(`gives ${who} nothing in another organization, and does not show it`, () => {
      const elsewhere = { orgId: 'org_2', teamId: 'team_1' }
      expect(sees(caller, elsewhere)).to.equal(false)
      expect(all.filter((right) => right !== 'anybody' && may(caller, right, elsewhere))).to.deep.equal([])
    })
  }

  it('gives nothing on a project of which no team, or nothing at all, is known', () => {
    const project = { restricted: true, role: 'admin' } as const
    for (const caller of [user('member'), account(false, null), account(true, 'team_1')]) {
      expect(may(caller, 'projectAdmin', { orgId: 'org_1', project })).to.equal(false)
      expect(may(caller, 'projectMember', { orgId: 'org_1', project })).to.equal(false)
    }
    expect(may(user('member'), 'projectAdmin', here)).to.equal(false)
    expect(may(user('member', { team_1: 'member' }), 'projectMember', here)).to.equal(false)
  })

  it('shows the operator every organization, and everybody what belongs to none', () => {
    expect(sees({ type: 'operator' }, { orgId: 'org_2' })).to.equal(true)
    expect(sees(user('member'), {})).to.equal(true)
    expect(sees(user('member'), { orgId: 'org_1' })).to.equal(true)
  })

  it('lets nobody change anything who only reads, whatever else gives them rights', () => {
    for (const caller of [user('admin'), account(true, null)]) {
      expect(mayChange(caller)).to.equal(true)
      expect(mayChange({ ...caller, readOnly: true } as Caller)).to.equal(false)
    }
    expect(mayChange({ type: 'operator' })).to.equal(true)
  })

  it('knows the admins of an organization', () => {
    for (const caller of [user('admin'), account(true, null)]) expect(isOrgAdmin(caller)).to.equal(true)
    const others = [user('member', { team_1: 'admin' }), account(true, 'team_1'), account(false, null), server]
    for (const caller of others) expect(isOrgAdmin(caller)).to.equal(false)
  })

  it('shows the events of the teams that one administers', () => {
    expect(auditedTeams({ type: 'operator' })).to.equal('all')
    expect(auditedTeams(user('admin'))).to.equal('all')
    expect(auditedTeams(user('member', { team_1: 'admin', team_2: 'member' }))).to.deep.equal(['team_1'])
    expect(auditedTeams(account(true, 'team_1'))).to.deep.equal(['team_1'])
    expect(auditedTeams(account(true, null))).to.equal('all')
    expect(auditedTeams(account(false, 'team_1'))).to.deep.equal([])
    expect(auditedTeams(server)).to.deep.equal([])
  })
})
