import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { grounds, objections } from '../../../src/protocol/access.ts'
import { type Actor, evaluate, inScope, type Reached } from '../../../src/server/access/evaluate.ts'
import { type AccountRow, accessVectors, type UserRow } from '../../support/access-vectors.ts'

const { accounts, users } = accessVectors

const reached = ({ project, projectRole }: Pick<AccountRow, 'project' | 'projectRole'>): Reached => ({
  visibility: project === 'missing' ? 'team' : project === 'deleted' ? 'restricted' : project,
  deleted: project === 'deleted',
  role: projectRole === 'none' ? undefined : projectRole,
})
const accountOf = ({ scope, team, enabled, access }: AccountRow): Actor => ({
  type: 'service_account',
  scope,
  enabled,
  access,
  inTeam: team === 'own',
})
const userOf = ({ orgRole, teamRole }: UserRow): Actor => ({
  type: 'user',
  role: orgRole,
  inTeam: teamRole === 'none' ? undefined : teamRole,
})

/** Rows that are answered otherwise than they say. */
const wrong = <R extends AccountRow | UserRow>(rows: readonly R[], actorOf: (row: R) => Actor) =>
  rows.flatMap((row) => {
    const got = evaluate(actorOf(row), reached(row), row.action, row.tokenScope ?? undefined)
    const { decision, reason } = row
    return got.decision === decision && got.reason === reason ? [] : [{ row, got }]
  })

describe('access/evaluate', () => {
  it('answers every row for service accounts as it is written', () => {
    expect(accounts).to.have.length(4032)
    expect(wrong(accounts, accountOf)).to.deep.equal([])
  })

  it('answers every row for users as it is written', () => {
    expect(users).to.have.length(2016)
    expect(wrong(users, userOf)).to.deep.equal([])
  })

  it('has a row for every reason', () => {
    const reasons = new Set([...accounts, ...users].map(({ reason }) => reason))
    expect([...reasons]).to.have.members([...grounds, ...objections])
  })

  it('is asked what the tables by hand say', () => {
    execFileSync(process.execPath, [join(import.meta.dirname, '../../vectors/access.ts'), '--check'])
  })

  it('never answers more than its narrowest part: access, scope and role only take away', () => {
    const narrow = (row: AccountRow) => row.access === 'read' || row.tokenScope === 'projects:read' || !row.enabled
    for (const row of accounts.filter((row) => row.action === 'write' && narrow(row)))
      expect(row.decision).to.equal(false)
    const wide = (row: AccountRow) =>
      accounts.find((other) => sameBut(row, other, { access: 'write', enabled: true, tokenScope: null }))
    for (const row of accounts.filter(({ decision }) => decision)) expect(wide(row)?.decision).to.equal(true)
  })

  const scopes: [scope: string, reads: boolean, writes: boolean][] = [
    ['projects:read', true, false],
    ['projects:write', true, true],
    ['projects:read projects:write', true, true],
    ['', false, false],
    ['projects:readwrite', false, false],
    ['projects:write2 openid', false, false],
    ['openid projects:read', true, false],
  ]
  for (const [scope, reads, writes] of scopes)
    it(`takes the scope "${scope}" word by word`, () => {
      expect([inScope(scope, 'read'), inScope(scope, 'write')]).to.deep.equal([reads, writes])
    })
})

function sameBut(row: AccountRow, other: AccountRow, but: Partial<AccountRow>): boolean {
  const asked = [
    'scope',
    'method',
    'team',
    'project',
    'projectRole',
    'action',
    'tokenScope',
    'access',
    'enabled',
  ] as const
  return asked.every((name) => other[name] === (name in but ? but[name] : row[name]))
}

describe('test/vectors/access.json', () => {
  it('is one row a line', () => {
    const text = readFileSync(join(import.meta.dirname, '../../vectors/access.json'), 'utf8')
    expect(text.split('\n').filter((line) => line.startsWith('    ["')).length).to.equal(accounts.length + users.length)
  })
})
